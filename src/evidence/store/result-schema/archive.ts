import { z } from 'zod';
import { count, key, text, textOrNull } from './types.ts';

const counted = count.nullable();

export const archiveSection = {
  archive: z
    .looseObject({
      reason: textOrNull,
      needed: counted,
      isNoted: z.boolean().exactOptional(),
      flaws: z.array(
        z.looseObject({
          kind: z.enum(['missing', 'neverArchived', 'changed', 'twoHistories']),
          segment: text,
          timeline: count,
          lsn: textOrNull,
          what: text,
        }),
      ),
      partial: z.array(text),
      restores: z.array(
        z.looseObject({
          to: z.enum(['end', 'fork']),
          reason: textOrNull,
          isRefused: z.boolean(),
          lsn: textOrNull,
          reachedTimeline: counted,
          reachedLsn: textOrNull,
          expected: counted,
          missing: counted,
          extra: counted,
          corrupted: counted,
          missingRanges: z.array(z.looseObject({ writer: key, from: key, to: key })),
        }),
      ),
    })
    .exactOptional(),
};
