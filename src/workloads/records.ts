import type { RowsWorkload } from '../contracts/workload.ts';
import { recordsParams, seedWriter, type RecordsParams } from './records/params.ts';
import { RecordsReader } from './records/reader.ts';
import { RecordRows } from './records/rows.ts';
import { columns, recordsInvariants, recordsSetup } from './records/setup.ts';
import { RowWriter } from './support/row-writer.ts';
import { partitionNames } from './support/tracked-table.ts';

/**
 * Rows as applications have them, with four secondary indexes, in a table that is not empty when the load begins.
 * Shape: table `record` in the run's schema. The content that the checksum covers repeats every column of its row.
 */
const records: RowsWorkload<RecordsParams> = {
  tracking: 'rows',
  pipelines: true,
  summary:
    'realistic rows with secondary indexes, inserted, updated, deleted and read in four patterns',
  params: recordsParams,
  setup: recordsSetup,
  writer: (writer, context) =>
    new RowWriter(`records writer ${writer}`, new RecordRows(writer, context), context),
  table: ({ partitions, unlogged }) => ({
    name: 'record',
    partitions: partitionNames('record', partitions),
    seedWriter,
    columns,
    ...(unlogged === true && { isUnlogged: true }),
  }),
  invariants: recordsInvariants,
  reader: (reader, context) => new RecordsReader(reader, context),
};

export default records;
