import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { bandwidth as bandwidthOf } from '../src/std/units/units.ts';
import { injectShape, shapeLapse } from './support/shape.ts';

const params = z.strictObject({
  limit: bandwidthOf
    .refine((bytesPerSecond) => bytesPerSecond >= 1024, 'must be at least 1kB/s')
    .describe('The most that a target sends, to all destinations together: 1MB/s, 8Mbit/s.'),
});

/**
 * A token bucket on what the target sends, to all but the harness, with a queue of 200 ms behind it. What it receives
 * comes at full speed: for both directions, target both ends.
 */
const bandwidth: Fault<z.infer<typeof params>> = {
  summary: 'Limits the bytes per second that its targets send, with tc tbf.',
  params,
  example: { limit: '1MB/s' },
  targets: 'nodes',
  meetsProxies: () => true,
  effects: { servers: 'targets' },
  needs: () => ['shaping'],
  inject: (targets, { limit }, context) => injectShape(targets, { bytesPerSecond: limit }, context),
  lapsed: (targets, _params, context) => shapeLapse(targets, context),
};
export default bandwidth;
