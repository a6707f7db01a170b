import { z } from 'zod';
import { partitionsParam } from '../support/tracked-table.ts';

export const recordsParams = z.strictObject({
  seedRows: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(1000)
    .describe('Workload records: rows in the table before the load, which clients read only.'),
  partitions: partitionsParam,
  unlogged: z
    .boolean()
    .optional()
    .describe(
      'Workload records: the table is UNLOGGED: no replica has it, and a crash empties it.',
    ),
});

export type RecordsParams = z.infer<typeof recordsParams>;

/** The writer of the rows that were there before the load. */
export const seedWriter = -1;
