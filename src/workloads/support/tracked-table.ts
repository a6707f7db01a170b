import { z } from 'zod';
import type { Statement, WorkloadContext } from '../../contracts/workload.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import { plain, tableIn } from './sql.ts';

/** A workload's own key. */
export const partitionsParam = z
  .int()
  .min(0)
  .max(256)
  .default(0)
  .describe('Hash partitions of the table by (writer, seq); 0 is one plain table.');

export interface TableShape {
  readonly name: string;
  /** DDL of the columns beside the five that every tracked table has. */
  readonly columns?: readonly string[];
  /** Hash partitions by (writer, seq); 0 is one plain table. */
  readonly partitions: number;
  readonly isUnlogged?: boolean;
}

/** The run's schema, its marker row, by which read-back recognises the run's database, and the tracked table. */
export function trackedSetup(
  { schema, runId }: WorkloadContext<unknown>,
  { name, columns = [], partitions, isUnlogged = false }: TableShape,
): readonly Statement[] {
  const table = tableIn(schema, name);
  // A partitioned table has no storage of its own: each partition says it.
  const create = isUnlogged ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE';
  return [
    plain(`CREATE SCHEMA ${quoteIdentifier(schema)}`),
    plain(`CREATE TABLE ${tableIn(schema, 'run')} (id text PRIMARY KEY)`),
    plain(`INSERT INTO ${tableIn(schema, 'run')} (id) VALUES ($1)`, runId),
    plain(
      `${partitions > 0 ? 'CREATE TABLE' : create} ${table} (
         writer int, seq int, version int NOT NULL, checksum bigint NOT NULL, payload text NOT NULL,
         ${columns.map((column) => `${column}, `).join('')}PRIMARY KEY (writer, seq))
       ${partitions > 0 ? 'PARTITION BY HASH (writer, seq)' : ''}`,
    ),
    ...partitionNames(name, partitions).map((partition, remainder) =>
      plain(
        `${create} ${tableIn(schema, partition)} PARTITION OF ${table}
           FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`,
      ),
    ),
  ];
}

/** In order of their remainder. */
export function partitionNames(name: string, partitions: number): string[] {
  return Array.from({ length: partitions }, (_, remainder) => `${name}_${remainder}`);
}
