import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';

const params = z.strictObject({});

/** What `kubectl drain` does to one pod: a PodDisruptionBudget may refuse it, which is an error here, as it is there. */
const evictPod: Fault<z.infer<typeof params>> = {
  summary:
    'Evicts the pods of its targets, as a drain of their node does; their owner makes new ones.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['pod'],
  processes: () => ({ of: 'node', become: 'alive', isOrderly: true }),

  async inject(targets) {
    const controls = targets.map((node) => node.pod ?? lacks(node, 'pod'));
    await allDone(controls.map((control) => control.evict()));
    return { evicted: targets.map(({ name }) => name) };
  },
};
export default evictPod;
