import type { Statement, WorkloadContext } from '../../contracts/workload.ts';
import { position } from '../../pg/position.ts';
import { prepared, tableIn } from '../support/sql.ts';
import { trackedSetup } from '../support/tracked-table.ts';
import type { LedgerParams } from './params.ts';

/** The texts of all statements of a run; each is prepared once per connection under its name. */
export interface LedgerStatements {
  readonly insert: Statement;
  readonly insertMany: Statement;
  readonly update: Statement;
  readonly delete: Statement;
}

export function ledgerStatements(context: WorkloadContext<LedgerParams>): LedgerStatements {
  const table = tableIn(context.schema, 'ledger');
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

export const idColumn = 'id bigserial';

/** DDL and the marker row by which read-back recognises the run's database. */
export function ledgerSetup(context: WorkloadContext<LedgerParams>): readonly Statement[] {
  const { serverIds, partitions } = context.params;
  const columns = serverIds ? [idColumn] : [];
  return trackedSetup(context, { name: 'ledger', columns, partitions });
}
