import { z } from 'zod';
import { latency } from './throughput.ts';
import { amount, amountOrNull, count, each, number, text } from './types.ts';

const staleness = z.looseObject({ atLeastMs: amount, atMostMs: amount, atMs: number });

export const readDurations = z.looseObject({
  answered: count,
  failed: count,
  latencyMs: latency.nullable(),
  serviceMs: latency.nullable(),
});

export const readsSection = {
  reads: z
    .looseObject({
      reads: count,
      heartbeats: z.looseObject({ sent: count, acknowledged: count }),
      staleness: staleness.extend({ node: text }).nullable(),
      stepsBack: z.looseObject({
        reads: count,
        onConnection: count,
        first: z.array(
          z.looseObject({
            session: text,
            node: text,
            atMs: number,
            before: z.looseObject({ node: text, atMs: number }),
            byMs: amountOrNull,
          }),
        ),
      }),
      clients: each(['answered', 'failed', 'judged', 'wrong'], count).exactOptional(),
      ownWrites: z
        .looseObject({
          reads: count,
          notSeen: count,
          first: z.array(z.looseObject({ session: text, node: text, atMs: number, seq: count })),
        })
        .exactOptional(),
      times: z
        .looseObject({
          readers: readDurations.exactOptional(),
          clients: readDurations.exactOptional(),
        })
        .exactOptional(),
      nodes: z.array(z.looseObject({ node: text, reads: count, staleness, medianMs: amount })),
      missing: z.array(text),
    })
    .exactOptional(),
};
