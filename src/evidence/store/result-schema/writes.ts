import { z } from 'zod';
import { count, number, text, orNull, amountOrNull, each } from './types.ts';

const counted = ['attempted', 'acknowledged', 'localOnly', 'failed', 'indeterminate'] as const;

const judged = [
  ...(['durable', 'lost', 'lostLocalOnly', 'recovered', 'dropped', 'unexpected'] as const),
  ...(['rejected', 'duplicated', 'corrupted', 'reissued', 'lostUpdates'] as const),
] as const;

export const writesSection = {
  writes: each(counted, count.nullable())
    .extend(each(judged, count.nullable()).shape)
    .extend({ lostDeletes: count.nullable().exactOptional() })
    .refine(({ lost, acknowledged }) => (lost ?? 0) <= (acknowledged ?? 0), {
      path: ['lost'],
      message: 'more than were acknowledged',
    }),
  records: z.looseObject({
    inserted: count.nullable(),
    found: count.nullable(),
    lost: count.nullable(),
  }),
  lossPercent: amountOrNull,
  stages: z.looseObject({
    attempted: count.nullable(),
    acknowledged: count.nullable(),
    written: count.nullable().exactOptional(),
    flushed: count.nullable().exactOptional(),
    onPrimary: orNull,
    onReplicas: z.record(text, orNull),
    atConsumers: z.record(text, orNull).exactOptional(),
  }),
  partitions: z.array(z.looseObject({ name: text, expected: count, found: count, lost: count })),
  byServerId: each(['inList', 'countBetween'], number).nullable(),
  errors: z.array(z.looseObject({ sqlState: text, outcome: text, count })),
  journal: z.looseObject({
    operations: count,
    cuts: z.array(text),
    missingWriters: count.exactOptional(),
    partialWriters: count.exactOptional(),
  }),
};
