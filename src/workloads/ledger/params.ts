import { z } from 'zod';
import { partitionsParam } from '../support/tracked-table.ts';

/** The workload's own keys in `load:`. */
export const ledgerParams = z.strictObject({
  /** A bigserial beside the client-made identity, journaled: shows what a check by server-made id would miss. */
  serverIds: z.boolean().default(false),
  partitions: partitionsParam,
});

export type LedgerParams = z.infer<typeof ledgerParams>;
