import { z } from 'zod';
import { amount, count, number, orNull, text, textOrNull } from './types.ts';

const event = z.enum([
  'lastAcknowledgement',
  'firstError',
  'lockLost',
  'lockTaken',
  'promotionRequested',
  'recoveryEnded',
  'newTimeline',
  'firstRead',
  'firstWrite',
  'replicaStreams',
  'fullRedundancy',
]);

export const phasesSection = {
  outagePhases: z
    .array(
      z.looseObject({
        faults: z.array(text),
        fromMs: number,
        untilMs: orNull,
        moments: z.array(
          z.looseObject({
            what: event,
            atMs: number,
            node: textOrNull,
            route: text.exactOptional(),
            by: z.enum(['clients', 'topology', 'patroniLog', 'postgresLog']),
          }),
        ),
        parts: z.array(
          z.looseObject({
            until: event,
            fromMs: number,
            ms: amount,
            why: text,
            setting: textOrNull,
          }),
        ),
        clients: z
          .looseObject({ writers: count, p50Ms: amount, p90Ms: amount, mostMs: amount })
          .nullable(),
      }),
    )
    .exactOptional(),
};
