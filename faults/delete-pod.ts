import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';

const params = z.strictObject({
  grace: duration
    .optional()
    .describe("For an orderly end; 0s: none. Default: the pod's own, as for kubectl delete."),
});

/**
 * What `kubectl delete pod` does. The owner makes another pod of the same name, with another address, and with the old data only
 * where that is on a volume of its own. There is nothing to undo.
 */
const deletePod: Fault<z.infer<typeof params>> = {
  summary: 'Deletes the pods of its targets; their owner makes new ones.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['pod'],
  processes: () => ({ of: 'node', become: 'alive' }),

  async inject(targets, { grace }) {
    const controls = targets.map((node) => node.pod ?? lacks(node, 'pod'));
    await allDone(controls.map((control) => control.remove(grace)));
    return { deleted: targets.map(({ name }) => name) };
  },
};
export default deletePod;
