import { z } from 'zod';
import type { VerifySpec } from '../../contracts/scenario.ts';

/** The short sections of a scenario file; the JSON Schema for editors is made from the same source. */

export const headSchema = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens: partition-5s')
    .describe('Name of the scenario and of its reports folder.'),
  claim: z.string().trim().min(1).max(1000).describe('One sentence: what a passing run proves.'),
  backend: z
    .string()
    .optional()
    .describe('The backend that runs the cluster; --backend overrides it.'),
});

export const verifySchema = z
  .strictObject({
    content: z
      .boolean()
      .default(true)
      .describe('Compare the content of every row, not only its presence.'),
    amcheck: z.boolean().default(false).describe('Run amcheck on every node after convergence.'),
  })
  .transform((verify): VerifySpec => verify);

// YAML 1.2 reads off and on as text; editors and YAML 1.1 as booleans.
export const evidenceSchema = z
  .union([z.enum(['off', 'on']), z.boolean()])
  .transform((given) => given === 'off' || given === false)
  .describe(
    "off: after a failover nothing is taken of the old primary's data and WAL before Patroni rewinds it. Default: on.",
  );

export const holdSchema = z
  .literal('rejoin')
  .describe(
    'rejoin: pg_rewind of an old primary waits until evidence of it was taken, at most 60 s.',
  );

/** Every key at the top of the file. */
export const topKeys = [
  ...Object.keys(headSchema.shape),
  ...['cluster', 'load', 'downstream', 'faults', 'expect', 'verify'],
  ...['evidence', 'hold', 'thresholds'],
  ...['incident', 'cure'],
];
