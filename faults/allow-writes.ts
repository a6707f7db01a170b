import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Fault, LoadControl } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { duration, formatDuration } from '../src/std/units/units.ts';

const params = z.strictObject({
  /** Rows. */
  writes: z.int().min(1).max(10_000_000),
  /** Longest time until they are acknowledged. */
  within: duration.prefault('30s'),
});

const pauseMs = 20;

/**
 * Makes a loss of known size: with replication cut, a failover must lose exactly the writes that this fault lets through.
 * A write that is not acknowledged does not count and is replaced by another, so the number is exact. There is nothing to
 * undo: the load stays held.
 */
const allowWrites: Fault<z.infer<typeof params>> = {
  summary: 'Lets a held load have an exact number of writes acknowledged, over all its clients.',
  params,
  example: { writes: 7 },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],

  problems: ({ writes }, _nodeNames, { batch, mix, groups = [] }) => [
    ...(groups.some((group) => (group.batch ?? batch) > 1)
      ? [
          {
            path: ['writes'],
            message: 'cannot be an exact number: groups of the load write batches',
          },
        ]
      : []),
    ...(writes % batch === 0
      ? []
      : [{ path: ['writes'], message: `must be a multiple of load.batch, ${batch}` }]),
    ...(batch > 1 && mix.insert < 1
      ? [
          {
            path: ['writes'],
            message: 'cannot be an exact number: with batches the load must be inserts only',
          },
        ]
      : []),
  ],

  async inject(_targets, { writes, within }, { load, signal }) {
    const startedAt = load.acknowledged;
    const limit = AbortSignal.timeout(within);
    try {
      await untilAcknowledged(writes, load, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted) throw error;
      const found = load.acknowledged - startedAt;
      const what = `only ${found} of ${writes} writes were acknowledged`;
      throw new ClusterError(`${what} in ${formatDuration(within)}`, { cause: error });
    }
    return { acknowledged: load.acknowledged - startedAt };
  },
};
export default allowWrites;

async function untilAcknowledged(
  writes: number,
  load: LoadControl,
  signal: AbortSignal,
): Promise<void> {
  for (let missing = writes; missing > 0;) {
    const acknowledged = await load.allow(missing / load.batch, signal);
    missing -= acknowledged;
    if (missing > 0) await sleep(pauseMs, undefined, { signal });
  }
}
