import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { positiveDuration } from '../src/std/units/units.ts';
import { changeNames, from, nameLapse } from './support/names.ts';

const params = z.strictObject({
  from,
  delay: positiveDuration.describe(
    'How long each answer takes: 2s. A resolver asks again after 5 s, and gives up after 10.',
  ),
});

/** A name server that is overloaded or far away; with a delay beyond the resolver's patience, one that does not answer. */
const dnsSlow: Fault<z.infer<typeof params>> = {
  summary: 'Answers late for the names of its targets.',
  params,
  example: { delay: '2s' },
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['names'],
  claims: () => ['name'],
  inject: (targets, { delay, ...params }, context) => {
    const change = { kind: 'slow', delayMs: delay } as const;
    return changeNames(targets, { change, from: params.from }, context);
  },
  lapsed: (targets, _params, context) => nameLapse(targets, context),
};
export default dnsSlow;
