import { z } from 'zod';
import { readDurations } from './reads.ts';
import { latency, planned } from './throughput.ts';
import { amountOrNull, count, text } from './types.ts';

export const groupsSection = {
  groups: z
    .array(
      z.looseObject({
        name: text,
        clients: count,
        ackedPerSecond: amountOrNull,
        planned: planned.exactOptional(),
        operations: amountOrNull,
        latencyMs: latency.nullable(),
        serviceMs: latency.nullable(),
        reads: readDurations.exactOptional(),
        workload: text.exactOptional(),
        site: text.exactOptional(),
      }),
    )
    .exactOptional(),
};
