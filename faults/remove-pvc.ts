import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';

const params = z.strictObject({
  volume: z
    .string()
    .min(1)
    .exactOptional()
    .describe("One volume of the pods, by its name there. Default: every one that is a claim's."),
  grace: duration
    .default(0)
    .describe('For an orderly end of the pods, which their claims wait for; default: none.'),
});

/**
 * What is lost with a disk: the claims of the pods are deleted, and the pods, since a claim goes with the last pod that uses it. Their
 * owner makes both anew, and the data is gone. There is nothing to undo.
 */
const removePvc: Fault<z.infer<typeof params>> = {
  summary: 'Deletes the PersistentVolumeClaims of its targets, with their data and their pods.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['volume'],
  processes: () => ({ of: 'node', become: 'alive' }),

  async inject(targets, { volume, grace }) {
    const controls = targets.map((node) => node.volume ?? lacks(node, 'volume'));
    const removed = await allDone(controls.map((control) => control.remove(grace, volume)));
    return { removed: removed.flat() };
  },
};
export default removePvc;
