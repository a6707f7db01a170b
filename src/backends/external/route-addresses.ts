import { z } from 'zod';

/** Where routes of a cluster that exists lead, by their names. */
export const routeAddresses = z
  .record(
    z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens'),
    z.strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(5432),
    }),
  )
  .optional();
