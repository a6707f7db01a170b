import type { RowsWorkload } from '../contracts/workload.ts';
import { ledgerParams, type LedgerParams } from './ledger/params.ts';
import { idColumn, ledgerSetup } from './ledger/statements.ts';
import { partitionNames } from './support/tracked-table.ts';
import { LedgerRows } from './ledger/rows.ts';
import { RowWriter } from './support/row-writer.ts';

/**
 * Rows under a client-made identity (writer, seq), inserted alone or in batches, updated in a chain of versions and
 * deleted oldest first.
 * Shape: table `ledger` in the run's schema, and table `run` whose one row is the run's id.
 */
const ledger: RowsWorkload<LedgerParams> = {
  tracking: 'rows',
  pipelines: true,
  summary: 'inserts, versioned updates and deletes of rows whose identity the client makes',
  params: ledgerParams,
  setup: ledgerSetup,
  writer: (writer, context) =>
    new RowWriter(`ledger writer ${writer}`, new LedgerRows(writer, context), context),
  table: (params) => ({
    name: 'ledger',
    partitions: partitionNames('ledger', params.partitions),
    ...(params.serverIds && { idColumn: 'id', columns: [idColumn] }),
  }),
};

export default ledger;
