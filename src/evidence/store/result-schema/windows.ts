import { z } from 'zod';
import { amount, amountOrNull, count, number, text, textOrNull } from './types.ts';
import { latency } from './throughput.ts';

export const windowsSection = {
  windows: z
    .array(
      z.looseObject({
        phase: textOrNull,
        stretches: z.array(z.looseObject({ fromMs: number, untilMs: number })),
        reason: text.nullable(),
        attempts: z
          .looseObject({
            acknowledged: count,
            localOnly: count,
            failed: count,
            indeterminate: count,
          })
          .nullable(),
        gaveUp: amountOrNull.exactOptional(),
        errorPercent: amountOrNull,
        latencyMs: latency.nullable(),
        ackedPerSecond: amountOrNull,
        availabilityPercent: amountOrNull,
        outageMs: amountOrNull,
        lagBytes: amountOrNull,
        splitBrainMs: amountOrNull,
        demotions: amountOrNull,
        demotedAgain: amountOrNull.exactOptional(),
        failovers: amountOrNull,
        repromotions: amountOrNull,
        promotions: amountOrNull.exactOptional(),
        leadershipChanges: amountOrNull.exactOptional(),
        notStreaming: z
          .looseObject({ node: textOrNull, leastMs: amount, mostMs: amountOrNull })
          .nullable()
          .exactOptional(),
        rtoMs: amountOrNull,
      }),
    )
    .exactOptional(),
};
