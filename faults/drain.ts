import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { changesIn, changesLapse, journaled, makeChanges } from './support/taken-back.ts';

const params = z.strictObject({
  pods: z
    .enum(['cluster', 'all'])
    .default('cluster')
    .describe(
      "`cluster`: this cluster's; `all`: every other one too, which `neighbours` in consent allows.",
    ),
  within: duration
    .default(60_000)
    .describe('How long a PodDisruptionBudget may refuse an eviction.'),
});

/**
 * What `kubectl drain` does: cordons the Kubernetes nodes of its targets, and evicts the pods there, all of the cluster's and not
 * only its targets. They come back elsewhere, or on the same node once it is uncordoned.
 */
const drain: Fault<z.infer<typeof params>> = {
  summary: 'Cordons the Kubernetes nodes of its targets and evicts the pods that run there.',
  params,
  targets: 'nodes',
  effects: { servers: 'any', canBeRefused: true },
  needs: ({ pods }) => ['host', 'pod', ...(pods === 'all' ? (['neighbours'] as const) : [])],
  processes: () => ({ of: 'node', become: 'alive', isOrderly: true }),

  async inject(targets, { pods, within }, context) {
    const hostOf = (node: (typeof targets)[number]) => node.host ?? lacks(node, 'host');
    const names = new Set(targets.map((node) => hostOf(node).name));
    const drained = context.cluster.nodes.filter((node) => names.has(hostOf(node).name));
    const first = [...names].flatMap(
      (name) => targets.find((node) => hostOf(node).name === name) ?? [],
    );
    const neighbours =
      pods === 'all' ? first.map((node) => node.neighbours ?? lacks(node, 'neighbours')) : [];
    await allDone(neighbours.map((each) => each.requireEvictable()));
    const prepared = await allDone(targets.map((node) => hostOf(node).cordon(context.id)));
    const changes = await makeChanges(prepared, context);
    const evicting = drained.map((node) => (node.pod ?? lacks(node, 'pod')).evict(within));
    const others = neighbours.map((each) => each.evict(within, context.signal));
    const [, evicted] = await Promise.all([allDone(evicting), allDone(others)]);
    return {
      hosts: [...names],
      evicted: [...drained.map(({ name }) => name), ...evicted.flat()],
      changes: journaled(changes),
    };
  },

  lapsed: (_targets, _params, context) => changesLapse(changesIn(context), context.cluster),
};
export default drain;
