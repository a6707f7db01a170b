import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { duration, positiveDuration } from '../src/std/units/units.ts';
import { injectShape, shapeLapse } from './support/shape.ts';

const mostMs = 60_000;

const params = z
  .strictObject({
    delay: positiveDuration
      .refine((ms) => ms <= mostMs, 'must be at most 60s')
      .describe('How much later each packet arrives that a target sends: 40ms.'),
    jitter: duration
      .prefault('0ms')
      .describe('Each packet is late by the delay, more or less by up to this much.'),
  })
  .refine(({ delay, jitter }) => jitter <= delay, {
    path: ['jitter'],
    message: 'must not be above delay: a packet cannot arrive before it was sent',
  });

/**
 * Holds up what the target sends, so that every round trip to it takes that much longer; for both ways, target both
 * ends. netem where the kernel has it, otherwise a relay in userspace: the journal says which. Nothing is lost, and the
 * packets of one connection stay in order.
 */
const latency: Fault<z.infer<typeof params>> = {
  summary: 'Delays every packet its targets send, by a fixed time or a varying one.',
  params,
  example: { delay: '40ms' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['shaping'],
  inject: (targets, { delay, jitter }, context) =>
    injectShape(targets, { delayMs: delay, ...(jitter > 0 && { jitterMs: jitter }) }, context),
  lapsed: (targets, _params, context) => shapeLapse(targets, context),
};
export default latency;
