import { z } from 'zod';
import { amountOrNull, count, number, text, textOrNull } from './types.ts';

const server = z.looseObject({
  node: textOrNull,
  timeline: count,
  acknowledged: count,
  fromMs: number,
  untilMs: number,
});

const oldPrimary = z.looseObject({
  node: text,
  timeline: count,
  newPrimary: text,
  sinceMs: number,
  acknowledged: count,
  untilMs: number,
});

export const routesSection = {
  routes: z
    .array(
      z.looseObject({
        name: text,
        via: z.enum(['direct', 'multi-host', 'haproxy', 'pgbouncer', 'address']),
        clients: count,
        acknowledged: amountOrNull,
        localOnly: amountOrNull,
        failed: amountOrNull,
        indeterminate: amountOrNull,
        lost: amountOrNull,
        outageMs: amountOrNull,
        errors: z.array(z.looseObject({ sqlState: text, outcome: text, count })),
        servers: z.array(server),
        readsOnly: z.literal(true).exactOptional(),
        onOldPrimary: z.array(oldPrimary).nullable(),
        what: text.exactOptional(),
        notes: z.array(text),
      }),
    )
    .exactOptional(),
};
