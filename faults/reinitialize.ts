import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import { askWhenIdle, patroniOf } from './support/patroni.ts';

const params = z.strictObject({});

/**
 * Patroni removes a replica's data directory and clones the leader's. In force when that has begun; convergence waits for
 * the clone and shows whether it succeeded. There is nothing to undo.
 */
const reinitialize: Fault<z.infer<typeof params>> = {
  summary: 'Asks Patroni to remove the data of its targets and clone it again from the leader.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['patroni'],

  async inject(targets, _params, { cluster, signal }) {
    const patroni = patroniOf(cluster);
    const answers = await allDone(
      targets.map(async ({ name }) => {
        const ask = () => patroni.reinitialize(name, signal);
        return [name, await askWhenIdle(`reinitialize ${name}`, ask, signal)] as const;
      }),
    );
    return { clonedAnew: Object.fromEntries(answers) };
  },
};
export default reinitialize;
