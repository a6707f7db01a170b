import { z } from 'zod';
import { amountOrNull, count, each, key, text, textOrNull } from './types.ts';

const counted = count.nullable();
const at = ['slot', 'consumer', 'sink'] as const;
const states = ['up', 'sourceAway', 'sinkAway', 'frozen', 'down'] as const;
const flaws = ['duplicated', 'outOfOrder', 'corrupted', 'phantom'] as const;

/** What WriteRange adds to the rows. */
const write = {
  operation: z.enum(['update', 'delete']).exactOptional(),
  versions: z.tuple([key, key]).exactOptional(),
};

const course = z.looseObject({
  spans: z.array(z.looseObject({ state: z.enum(states), fromMs: z.number(), toMs: z.number() })),
  deliveries: z
    .array(z.looseObject({ fromMs: z.number(), batches: count, changes: count }))
    .nullable(),
  gapsAtMs: z.array(z.number()),
});

export const downstreamSection = {
  downstream: z
    .array(
      z.looseObject({
        name: text,
        consumer: z.enum(['cdc', 'subscription', 'own']).exactOptional(),
        reason: textOrNull,
        expected: counted,
        delivered: counted,
        missing: counted,
        skipped: counted,
        missingAt: each(at, count).nullable(),
        duplicates: counted,
        outOfOrder: counted,
        corrupted: counted,
        phantoms: counted,
        uncertain: counted.exactOptional(),
        differing: counted.exactOptional(),
        longestLagMs: amountOrNull,
        gaps: z.array(z.looseObject({ fromLsn: text, toLsn: text, why: text })),
        missingRanges: z.array(
          z.looseObject({
            writer: key,
            from: key,
            to: key,
            at: z.enum([...at, 'unknown']),
            ...write,
          }),
        ),
        anomalies: z
          .array(z.looseObject({ kind: z.enum(flaws), writer: key, from: key, to: key, ...write }))
          .exactOptional(),
        confirmedLsn: textOrNull,
        starts: count,
        stopped: textOrNull,
        course: course.exactOptional(),
      }),
    )
    .exactOptional(),
};
