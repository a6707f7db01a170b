import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { changesIn, changesLapse, journaled, makeChanges } from './support/taken-back.ts';

const params = z.strictObject({
  replicas: z.int().min(0).max(9).describe('So many pods while it is in force; 0: none.'),
  statefulSet: z
    .string()
    .min(1)
    .exactOptional()
    .describe("Its name, where the cluster's pods are of several."),
});

/**
 * What `kubectl scale` does: the pods with the highest numbers end, in order, the leader's too. Their volumes stay, and so does
 * Patroni's memory of them. An operator may set the number again, which is seen as a fault that has lapsed.
 */
const scale: Fault<z.infer<typeof params>> = {
  summary: 'Sets the replicas of the StatefulSet that the pods are of, and sets them back.',
  params,
  example: { replicas: 1 },
  targets: 'none',
  effects: { servers: 'any' },
  needs: () => ['scale'],

  async inject(_targets, { replicas, statefulSet }, context) {
    const control = context.cluster.scale ?? lacks({ name: context.cluster.id }, 'scale');
    const prepared = await control.to(replicas, context.id, statefulSet);
    const changes = await makeChanges([prepared], context);
    return { replicas, changes: journaled(changes) };
  },

  lapsed: (_targets, _params, context) => changesLapse(changesIn(context), context.cluster),
};
export default scale;
