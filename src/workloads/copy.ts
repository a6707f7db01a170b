import { z } from 'zod';
import type { RowsWorkload } from '../contracts/workload.ts';
import { CopiedRows } from './copy/rows.ts';
import { RowWriter } from './support/row-writer.ts';
import { partitionNames, partitionsParam, trackedSetup } from './support/tracked-table.ts';

const params = z.strictObject({ partitions: partitionsParam });
type Params = z.infer<typeof params>;

const name = 'copied';

/**
 * Rows in batches, each with one COPY ... FROM STDIN in a transaction.
 * Shape: table `copied` in the run's schema.
 */
const copy: RowsWorkload<Params> = {
  tracking: 'rows',
  summary: 'batches of rows, each sent with one COPY in a transaction',
  params,
  uses: ['batch', 'payload'],
  setup: (context) => trackedSetup(context, { name, partitions: context.params.partitions }),
  writer: (writer, context) => {
    const inserting = { ...context, mix: { insert: 1, update: 0, delete: 0 } };
    return new RowWriter(`copy writer ${writer}`, new CopiedRows(writer, context, name), inserting);
  },
  table: ({ partitions }) => ({ name, partitions: partitionNames(name, partitions) }),
};

export default copy;
