import { z } from 'zod';
import { count, text, orNull, amountOrNull, textOrNull, span, each } from './types.ts';

const lostRange = z.looseObject({
  writer: count,
  from: count,
  to: count,
  kind: z.enum(['insert', 'update', 'delete']),
  versions: span.exactOptional(),
  ackedAtMs: span,
  node: textOrNull,
  timeline: orNull,
  lsn: z.tuple([text, text]).nullable(),
  cause: z
    .enum(['forked', 'boundary', 'localOnly', 'equalTimelineFork', 'unflushed', 'unexplained'])
    .nullable(),
});

export const lossSection = {
  lostRanges: z.array(lostRange),
  lossPattern: z.union([
    z.looseObject({ kind: z.enum(['none', 'tail', 'scattered']) }),
    z.looseObject({ kind: z.literal('periodic'), modulus: count, remainder: count }),
  ]),
  rpo: each(['records', 'bytes', 'seconds'], amountOrNull),
};
