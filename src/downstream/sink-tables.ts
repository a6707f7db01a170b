/** What a consumer keeps in its sink: each change in the order of its delivery, and how far it came. No key makes a duplicate vanish. */
export const changesTable = 'forkpoint_downstream.changes';
export const progressTable = 'forkpoint_downstream.progress';

export const sinkTables = `
CREATE SCHEMA IF NOT EXISTS forkpoint_downstream;
CREATE TABLE IF NOT EXISTS ${changesTable} (
  id bigserial PRIMARY KEY, consumer text NOT NULL, batch bigint NOT NULL,
  kind text NOT NULL, relation text NOT NULL, lsn pg_lsn NOT NULL, row jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS ${progressTable} (
  consumer text PRIMARY KEY, batch bigint NOT NULL, lsn pg_lsn NOT NULL, timeline integer NOT NULL,
  inside_lsn pg_lsn, inside_done integer);`;
