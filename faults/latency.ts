import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { duration, positiveDuration } from '../src/std/units/units.ts';
import { injectShape, shapeLapse } from './support/shape.ts';

const mostMs = 60_000;

const params = z
  .strictObject({
    delay: positiveDuration
      .refine((ms) => ms <= mostMs, 'must be at most 60s')
      .describe('By how much each packet that a target sends is delayed: 40ms.'),
    jitter: duration
      .prefault('0ms')
      .describe('The delay of each packet varies by up to this much, up or down.'),
  })
  .refine(({ delay, jitter }) => jitter <= delay, {
    path: ['jitter'],
    message: 'must not be above delay: a packet cannot arrive before it was sent',
  });

/**
 * Delays what the target sends, so that every round trip to it takes that much longer; for both directions, target both
 * ends. Uses netem where the kernel has it, otherwise a relay in userspace: events.jsonl records which. Nothing is lost,
 * and the packets of one connection stay in order.
 */
const latency: Fault<z.infer<typeof params>> = {
  summary: 'Delays every packet that its targets send, by a fixed or varying time.',
  params,
  example: { delay: '40ms' },
  targets: 'nodes',
  meetsProxies: () => true,
  effects: { servers: 'targets' },
  needs: () => ['shaping'],
  findings: () => ['delays'],
  inject: (targets, { delay, jitter }, context) =>
    injectShape(targets, { delayMs: delay, ...(jitter > 0 && { jitterMs: jitter }) }, context),
  lapsed: (targets, _params, context) => shapeLapse(targets, context),
};
export default latency;
