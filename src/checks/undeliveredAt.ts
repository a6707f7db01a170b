import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import { comparison } from '../std/units/units.ts';
import { consumerSum } from './support/consumer-sum.ts';
import { eachOf } from './support/each-of.ts';

const params = z
  .strictObject({
    slot: comparison('count').optional().describe('In a range of WAL that a consumer named.'),
    consumer: comparison('count').optional().describe('Neither in such a range nor in a sink.'),
    sink: comparison('count').optional().describe('Committed by a sink, and not in it.'),
  })
  .refine((demands) => Object.keys(demands).length > 0, 'demands nothing: write { slot: 0 }');
type Demands = z.infer<typeof params>;

/** Ties what is missing to what the consumers said: `{ slot: 500, consumer: 0 }` are the writes of the named ranges, and no other. */
const check: Check<Demands> = {
  summary: 'Where on their way undelivered writes were lost, of all consumers.',
  params,
  example: { slot: '500', consumer: '0' },
  isOfDownstream: true,
  check({ result }, demands) {
    // Where nothing is missing, nothing is missing anywhere, also of a consumer whose places are not known.
    const measure = (key: string) =>
      consumerSum(result, ({ missing, missingAt }) =>
        missing === 0 ? 0 : (missingAt?.[key as keyof Demands] ?? null),
      );
    return eachOf('undelivered at', demands, { measure });
  },
};
export default check;
