import { z } from 'zod';
import { count, text, orNull, amountOrNull, textOrNull, span, each } from './types.ts';

const lsn = z.tuple([text, text]).nullable();
const cause = z
  .enum([
    'forked',
    'boundary',
    'localOnly',
    'equalTimelineFork',
    'lockTheft',
    'unflushed',
    'unlogged',
    'unexplained',
  ])
  .nullable();

export const lostRange = z.looseObject({
  writer: count,
  from: count,
  to: count,
  kind: z.enum(['insert', 'update', 'delete']),
  versions: span.exactOptional(),
  ackedAtMs: span,
  node: textOrNull,
  timeline: orNull,
  lsn,
  cause,
});

const lossSummary = z.looseObject({
  ranges: count,
  file: textOrNull,
  places: z.array(
    z.looseObject({
      node: textOrNull,
      timeline: orNull,
      cause,
      ranges: count,
      writes: count,
      isAtMost: z.literal(true).exactOptional(),
      ackedAtMs: span,
      lsn,
    }),
  ),
  isBeyondPromise: z.boolean(),
});

export const lossSection = {
  lostRanges: z.array(lostRange),
  lossSummary: lossSummary.exactOptional(),
  lossPattern: z.union([
    z.looseObject({ kind: z.enum(['none', 'tail', 'scattered']) }),
    z.looseObject({ kind: z.literal('periodic'), modulus: count, remainder: count }),
  ]),
  rpo: each(['records', 'bytes', 'seconds'], amountOrNull),
};
