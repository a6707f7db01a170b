import { z } from 'zod';

/** `incident:`, what was reported; for `forkpoint incidents`, never for the verdict. */
export const incidentSchema = z
  .strictObject({
    symptom: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .describe('What people see: writes hang, two primaries, a replica does not come back.'),
    reports: z.array(z.string().min(1)).min(1).describe('Where it was reported: patroni #1371.'),
    ends: z
      .enum(['pass', 'fail', 'knownDefect'])
      .describe('How a run ends as the incident was reported, without the cure.'),
  })
  .describe('The incident that the scenario repeats, for the list of incidents.');

const value = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'must be one value, as --set takes it',
});

/** `cure:`, by the dotted paths of --set. */
export const cureSchema = z
  .record(
    z.string().regex(/^[^=\s]+$/, 'must be a key with dots, like cluster.parameters.x'),
    value,
  )
  .refine((cure) => Object.keys(cure).length > 0, 'must change something')
  .describe('What makes a failing run pass: values by their dotted keys, set by `run --cure`.');

/** As `--set` takes them. */
export function setsOf(cure: z.output<typeof cureSchema>): readonly string[] {
  return Object.entries(cure).map(([key, given]) => `${key}=${JSON.stringify(given)}`);
}
