import { z } from 'zod';
import type { DownstreamSpec } from '../../contracts/downstream.ts';

const consumerSchema = z.strictObject({
  consumer: z
    .enum(['cdc'])
    .default('cdc')
    .describe('cdc: logical decoding with pgoutput, exactly once into a PostgreSQL of the lab.'),
  slot: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'must be lower-case letters, digits and _: at most 63')
    .optional()
    .describe('Its logical replication slot; default: forkpoint_ and its name.'),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'A program of your own in place of the consumer, as a list of words; it gets the same input.',
    ),
});

/** `downstream: { feed: { slot: feed } }` */
export const downstreamSchema = z
  .record(z.string(), consumerSchema)
  .transform((given, context): readonly DownstreamSpec[] => {
    const found = Object.entries(given).map(([name, { slot, command, consumer }]) => ({
      name,
      consumer,
      slot: slot ?? `forkpoint_${name}`,
      ...(command && { command }),
    }));
    if (found.length === 0) {
      context.addIssue({ code: 'custom', path: [], message: 'names no consumer' });
    }
    found.forEach(({ name, slot }, at) => {
      if (!/^[a-z][a-z0-9_]{0,39}$/.test(name)) {
        const message = 'must be a name of lower-case letters, digits and _, such as feed';
        context.addIssue({ code: 'custom', path: [name], message });
      }
      const other = found.slice(0, at).find((each) => each.slot === slot);
      if (!other) return;
      const message = `is the slot of ${other.name}, too: each consumer needs its own`;
      context.addIssue({ code: 'custom', path: [name, 'slot'], message });
    });
    return found;
  })
  .describe("Consumers of the run's tables, outside of the cluster.");
