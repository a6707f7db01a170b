import { z } from 'zod';
import type { ConsumerControl, FaultContext } from '../../src/contracts/fault.ts';
import { lacks } from '../../src/std/errors.ts';

export const consumerParams = z.strictObject({
  consumer: z.string().describe('The name of the consumer in downstream.'),
});

/** Planning has refused scenarios without. */
export function consumersOf({ cluster, consumers }: FaultContext): ConsumerControl {
  return consumers ?? lacks({ name: cluster.id }, 'consumers');
}
