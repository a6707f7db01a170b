import type { Statement, WorkloadContext } from '../../contracts/workload.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { LedgerParams } from './params.ts';

/**
 * Position of this write in the WAL: the insert position after the row's own record and before the commit's, and the
 * timeline it is written on. pg_walfile_name returns the current timeline; pg_control_checkpoint lags after a promotion.
 */
const position = `pg_current_wal_insert_lsn()::text AS lsn,
  substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline`;

/** The texts of all statements of a run; each is prepared once per connection under its name. */
export interface LedgerStatements {
  readonly insert: Statement;
  readonly insertMany: Statement;
  readonly update: Statement;
  readonly delete: Statement;
}

export function ledgerStatements(context: WorkloadContext<LedgerParams>): LedgerStatements {
  const table = `${quoteIdentifier(context.schema)}.ledger`;
  const { serverIds } = context.params;
  const columns = '(writer, seq, version, checksum, payload)';
  return {
    insert: prepared(
      'forkpoint_insert',
      `INSERT INTO ${table} ${columns} VALUES ($1, $2, 0, $3, $4)
       RETURNING ${position}, 1 AS touched${serverIds ? ', ARRAY[id::text] AS ids' : ''}`,
    ),
    insertMany: prepared(
      'forkpoint_insert_many',
      `WITH written AS (
         INSERT INTO ${table} ${columns}
         SELECT $1, row.seq, 0, row.checksum, row.payload
           FROM unnest($2::int[], $3::bigint[], $4::text[]) AS row (seq, checksum, payload)
         RETURNING seq${serverIds ? ', id' : ''})
       SELECT count(*)::int AS touched${serverIds ? ', array_agg(id::text ORDER BY seq) AS ids' : ''},
         ${position} FROM written`,
    ),
    // An update whose client gave up may still be carried out, after a later one: a frozen server finds it in its
    // socket when it thaws. Without `version <` it would set the row back and look like a lost update.
    update: prepared(
      'forkpoint_update',
      `UPDATE ${table} SET version = $3, checksum = $4, payload = $5
        WHERE writer = $1 AND seq = $2 AND version < $3 RETURNING ${position}, 1 AS touched`,
    ),
    delete: prepared(
      'forkpoint_delete',
      `DELETE FROM ${table} WHERE writer = $1 AND seq = $2 RETURNING ${position}, 1 AS touched`,
    ),
  };
}

/** DDL and the marker row by which read-back recognises the run's database. */
export function ledgerSetup(context: WorkloadContext<LedgerParams>): Statement[] {
  const schema = quoteIdentifier(context.schema);
  const { serverIds, partitions } = context.params;
  return [
    plain(`CREATE SCHEMA ${schema}`),
    plain(`CREATE TABLE ${schema}.run (id text PRIMARY KEY)`),
    { text: `INSERT INTO ${schema}.run (id) VALUES ($1)`, values: [context.runId] },
    plain(
      `CREATE TABLE ${schema}.ledger (
         writer int, seq int, version int NOT NULL, checksum bigint NOT NULL, payload text NOT NULL,
         ${serverIds ? 'id bigserial,' : ''} PRIMARY KEY (writer, seq))
       ${partitions > 0 ? 'PARTITION BY HASH (writer, seq)' : ''}`,
    ),
    ...partitionNames(context.params).map((name, remainder) =>
      plain(
        `CREATE TABLE ${schema}.${name} PARTITION OF ${schema}.ledger
           FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`,
      ),
    ),
  ];
}

export function partitionNames(params: LedgerParams): string[] {
  return Array.from({ length: params.partitions }, (_, remainder) => `ledger_${remainder}`);
}

function prepared(name: string, text: string): Statement {
  return { name, text, values: [] };
}

function plain(text: string): Statement {
  return { text, values: [] };
}
