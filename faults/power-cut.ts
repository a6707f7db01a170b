import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone, monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { runsAgain } from './support/still.ts';

const params = z.strictObject({
  /**
   * The disks are flushed first, as if the kernel had written back, and the power cut comes this long after. Without it,
   * only PostgreSQL flushes, and the kernel after half a minute.
   */
  unflushed: duration.optional(),
});

/**
 * kill-node that also loses the page cache: what PostgreSQL wrote and did not flush never reached the disk. With fsync on
 * and a disk that does not lie, what it acknowledged was flushed; this fault tests that.
 */
const powerCut: Fault<z.infer<typeof params>> = {
  summary:
    'Ends its targets at once and discards what they wrote but did not flush; starts them to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['power', 'process'],
  processes: () => ({ of: 'node', become: 'dead' }),

  async inject(targets, { unflushed }, { undo, signal }) {
    const powers = targets.map((node) => node.power ?? lacks(node, 'power'));
    for (const { name } of targets) undo({ do: 'start', node: name, target: 'node' });
    if (unflushed !== undefined) {
      await allDone(powers.map((power) => power.flush()));
      await sleepUntil(monotonicMs() + unflushed, signal);
    }
    await allDone(powers.map((power) => power.cut()));
    return { cut: targets.map(({ name }) => name), unflushedMs: unflushed ?? null };
  },

  lapsed: (targets) => runsAgain(targets, 'node'),
};
export default powerCut;
