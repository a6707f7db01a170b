import { z } from 'zod';
import { count, number, text, orNull, amount, amountOrNull, span, each } from './types.ts';

const timeline = z.looseObject({
  bucketMs: number.positive(),
  acknowledged: z.array(count),
  failed: z.array(count),
  indeterminate: z.array(count),
  latencyMs: each(['p50', 'p99', 'max'], z.array(orNull)),
  roles: z.array(
    z.looseObject({
      node: text,
      role: z.enum(['leader', 'primary', 'replica', 'down']),
      timeline: orNull,
      fromMs: number,
      toMs: number,
    }),
  ),
  lagBytes: z.record(text, z.array(span)),
  stalenessMs: z.record(text, z.array(span)).exactOptional(),
  unreachable: z
    .array(z.looseObject({ node: text, fromMs: number, toMs: number }))
    .nullable()
    .exactOptional(),
});

export const latency = each(['p50', 'p95', 'p99', 'max', 'count'], number).extend({
  mean: number.exactOptional(),
  p999: number.exactOptional(),
});

export const planned = z.looseObject({ perSecond: number, sentPerSecond: amountOrNull });

export const throughputSection = {
  throughput: z.looseObject({
    ackedPerSecond: amountOrNull,
    planned: planned.exactOptional(),
    operations: z.looseObject({ asked: count, done: orNull }).exactOptional(),
    knee: z
      .looseObject({
        perSecond: amount,
        passedAt: amountOrNull,
        limits: each(['p99Ms', 'errorPercent'], amount),
        steps: z.array(
          each(
            ['fromMs', 'perSecond', 'ackedPerSecond', 'slowPercent', 'errorPercent', 'unanswered'],
            amount,
          ).extend({ p99Ms: amountOrNull, isKept: z.boolean() }),
        ),
      })
      .nullable()
      .exactOptional(),
    warmup: each(['ms', 'operations', 'acknowledged'], number).exactOptional(),
    latencyMs: z.record(text, latency),
    retries: each(['attempts', 'retried', 'gaveUp', 'pausedMs'], count).nullable().exactOptional(),
  }),
  verification: each(['rows', 'nodes', 'ms', 'idsPerSecond'], number).nullable(),
  timeline: timeline.nullable().default(null),
};
