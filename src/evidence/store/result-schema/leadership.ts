import { z } from 'zod';
import { count, number, text, orNull, textOrNull } from './types.ts';

export const leadershipSection = {
  forks: z.array(
    z.looseObject({
      parentTimeline: count,
      timeline: count,
      lsn: text,
      oldPrimary: textOrNull,
      newPrimary: textOrNull,
      divergentBytes: orNull,
      takenOverAtMs: orNull.exactOptional(),
    }),
  ),
  staleHolders: z
    .array(z.looseObject({ node: text, before: text, timeline: count, atMs: number }))
    .nullable()
    .default(null),
  lockThefts: z
    .array(
      z.looseObject({
        holder: text,
        heldFromMs: number,
        timeline: count,
        thief: text,
        atMs: number,
      }),
    )
    .exactOptional(),
  splitBrains: z
    .array(
      z.looseObject({
        nodes: z.array(text),
        fromMs: number,
        untilMs: number,
        acknowledged: z.array(z.looseObject({ node: textOrNull, writes: count })).nullable(),
      }),
    )
    .nullable()
    .exactOptional(),
  failovers: count.nullable(),
  leaderChanges: z
    .array(
      z.looseObject({
        node: text,
        before: text,
        timeline: count,
        atMs: number,
        how: z.enum(['failover', 'asked', 'repromotion', 'lockTaken']),
      }),
    )
    .nullable()
    .exactOptional(),
  unplanned: z
    .array(
      z.looseObject({
        node: text,
        what: z.enum(['ended', 'restarted', 'crashed']),
        fromMs: number,
        untilMs: number,
      }),
    )
    .nullable()
    .exactOptional(),
  unseen: z
    .array(
      z.looseObject({
        source: text,
        what: text,
        fromMs: number,
        untilMs: orNull,
        replaced: z.array(text).nullable(),
      }),
    )
    .exactOptional(),
};
