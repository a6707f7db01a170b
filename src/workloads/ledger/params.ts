import { z } from 'zod';

/** The workload's own keys in `load:`. */
export const ledgerParams = z.strictObject({
  /** A bigserial beside the client-made identity, journaled: shows what a check by server-made id would miss. */
  serverIds: z.boolean().default(false),
  /** Hash partitions by (writer, seq); 0 is one plain table. */
  partitions: z.int().min(0).max(256).default(0),
});

export type LedgerParams = z.infer<typeof ledgerParams>;
