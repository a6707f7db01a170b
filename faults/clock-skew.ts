import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { parseDuration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  /** How far the clock jumps, forwards or backwards: '+1h', '-10m'. */
  by: z
    .string({ error: "needs a sign and a duration such as '+1h' or '-10m'" })
    .regex(/^[+-]\d+(?:\.\d+)? ?(?:ms|s|m|h)$/, {
      error: "must be a sign and a duration such as '+1h' or '-10m'",
    })
    .transform((text, context) => {
      try {
        const byMs = parseDuration(text.slice(1));
        return text.startsWith('-') ? -byMs : byMs;
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    }),
});

/**
 * Only the wall clock, and only for PostgreSQL and Patroni: the monotonic clock continues, as it does when an
 * administrator or a broken time server sets the clock. now() jumps too. Healing is a second jump, back.
 */
const clockSkew: Fault<z.infer<typeof params>> = {
  summary:
    'Sets the wall clock that PostgreSQL and Patroni of its targets see; sets it back to heal.',
  params,
  example: { by: '+1h' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['clock'],

  async inject(targets, { by }, { undo }) {
    const clocks = targets.map((node) => node.clock ?? lacks(node, 'clock'));
    for (const { name } of targets) undo({ do: 'resetClock', node: name });
    await allDone(clocks.map((clock) => clock.skew(by)));
    return { skewed: targets.map(({ name }) => name), byMs: by };
  },

  lapsed: async (targets, { by }) => {
    const where = await nodesWhere(targets, async (node) => {
      return !(await (node.clock ?? lacks(node, 'clock')).isSkewed(by));
    });
    return where && `the clock of ${where} was set from outside the run`;
  },
};
export default clockSkew;
