import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { changesIn, journaled, makeChanges } from './support/taken-back.ts';

/** What says where and for how long: the target and the step do. */
const ours = ['selector', 'mode', 'value', 'duration'];

/** By kind: the key without which its experiment says nothing. */
const saying = { NetworkChaos: 'action', IOChaos: 'action', TimeChaos: 'timeOffset' } as const;

const keys = z.strictObject({
  kind: z.enum(['NetworkChaos', 'IOChaos', 'TimeChaos']),
  spec: z
    .record(z.string(), z.json())
    .superRefine((spec, context) => {
      for (const key of ours.filter((each) => Object.hasOwn(spec, each))) {
        const message = 'is set by Forkpoint: `target` says which pods, and `for` how long';
        context.addIssue({ code: 'custom', path: [key], message });
      }
    })
    .describe('As Chaos Mesh documents it, without selector, mode and duration.'),
  longest: duration
    .default(600_000)
    .describe('After which its controller ends it by itself, if Forkpoint has died.'),
  within: duration.default(30_000).describe('How long its controller may take to put it in force.'),
});

const params = keys.superRefine(({ kind, spec }, context) => {
  const key = saying[kind];
  if (typeof spec[key] === 'string') return;
  const message = `needs ${key}, as Chaos Mesh documents ${kind}`;
  context.addIssue({ code: 'custom', path: ['spec'], message });
});

/**
 * An object of Chaos Mesh for the pods of its targets. Its controller does the harm and ends it: what is in force is what it says,
 * and no path is tried.
 */
const chaosMesh: Fault<z.infer<typeof params>> = {
  summary:
    'Lets Chaos Mesh, where it is installed, do a harm of its own to the pods of its targets.',
  params,
  example: { kind: 'NetworkChaos', spec: { action: 'loss', loss: { loss: '25' } } },
  targets: 'nodes',
  effects: { servers: 'any' },
  needs: () => ['chaos'],

  async inject(targets, { kind, spec, longest, within }, context) {
    const control = context.cluster.chaos ?? lacks({ name: context.cluster.id }, 'chaos');
    const prepared = await control.prepare({
      kind,
      spec,
      pods: targets.map(({ name }) => name),
      tag: context.id,
      longestMs: longest,
      withinMs: within,
    });
    const changes = await makeChanges([prepared], context);
    return { kind, changes: journaled(changes) };
  },

  lapsed: async (_targets, _params, context) => {
    const control = context.cluster.chaos ?? lacks({ name: context.cluster.id }, 'chaos');
    for (const change of changesIn(context)) {
      const why = await control.lapse(change);
      if (why !== undefined) return why;
    }
    return undefined;
  },
};
export default chaosMesh;
