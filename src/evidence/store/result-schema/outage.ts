import { z } from 'zod';
import { number, text, orNull, amountOrNull, textOrNull } from './types.ts';

export const outageSection = {
  outage: z.looseObject({
    longestMs: amountOrNull,
    longestFromMs: number.exactOptional(),
    perFault: z.array(
      z.looseObject({
        fault: text,
        fromMs: orNull,
        untilMs: orNull,
        detectMs: orNull,
        electMs: orNull,
        firstAckMs: orNull,
      }),
    ),
    held: z.array(z.looseObject({ fromMs: number, untilMs: number })).exactOptional(),
  }),
  rto: z.looseObject({
    ms: orNull,
    fault: textOrNull.exactOptional(),
    isSameServer: z.literal(true).exactOptional(),
  }),
  faults: z.array(
    z.looseObject({
      id: text,
      fault: text,
      targets: z.array(text),
      plannedAtMs: number,
      injectedAtMs: orNull,
      inForceAtMs: orNull,
      healedAtMs: orNull,
      isNotCarriedOut: z.literal(true).exactOptional(),
      expected: z.enum(['refused', 'either']).exactOptional(),
      isHarmless: z.literal(true).exactOptional(),
    }),
  ),
  marks: z
    .array(
      z.looseObject({
        text,
        atMs: number,
        gap: z.looseObject({ fromMs: number, untilMs: orNull }).nullable(),
      }),
    )
    .exactOptional(),
};
