import { z } from 'zod';
import type { Threshold } from '../../contracts/scenario.ts';
import { messageOf } from '../../std/errors.ts';
import { parseDuration } from '../../std/units/units.ts';

const PERCENT = String.raw`\d+(?:\.\d+)? ?%`;
const DURATION = String.raw`\d+(?:\.\d+)? ?(?:ms|s|m|h)`;
const COUNT = String.raw`\d+`;

/** `thresholds:`, how much worse than an earlier run a later one may be. */
export const thresholdsSchema = z
  .strictObject({
    lost: threshold('+', COUNT, ['+10%', '+100']).describe('More lost writes: +10% or +100.'),
    outage: threshold('+', DURATION, ['+20%', '+2s']).describe('A longer outage: +20% or +2s.'),
    throughput: threshold('-', null, ['-15%']).describe('Fewer writes per second: -15%.'),
    verification: threshold('-', null, ['-30%']).describe('Slower verification: -30%.'),
  })
  .describe(
    'How much worse a later run may be; used by `compare` and suites, never by the verdict.',
  );

/** `other`: the pattern allowed beside percent. */
function threshold(sign: '+' | '-', other: string | null, examples: readonly string[]) {
  const forms = other === null ? PERCENT : `${PERCENT}|${other}`;
  const grammar = new RegExp(`^\\${sign}(?:${forms})$`);
  const example = examples.map((each) => `"${each}"`).join(' or ');
  const why = (input: unknown) =>
    `must say how much worse is allowed, like ${example}${hint(input, sign)}`;
  return z
    .string({ error: ({ input }) => why(input) })
    .regex(grammar, { error: ({ input }) => why(input) })
    .transform((text, context): Threshold => {
      try {
        return read(text.slice(1));
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
        return z.NEVER;
      }
    })
    .refine((read) => sign === '+' || ('percent' in read && read.percent <= 100), {
      error: 'must be at most -100%',
    })
    .exactOptional();
}

function hint(input: unknown, sign: string): string {
  if (input === undefined || input === null) return '';
  const shown = typeof input === 'string' ? `'${input.slice(0, 40)}'` : JSON.stringify(input);
  const opposite = sign === '+' ? '-' : '+';
  const isOpposite = typeof input === 'string' && input.startsWith(opposite);
  return `, not ${shown}${isOpposite ? ': that would be better' : ''}`;
}

function read(text: string): Threshold {
  if (text.endsWith('%')) return { percent: Number.parseFloat(text) };
  return { amount: /^\d+$/.test(text) ? Number(text) : parseDuration(text) };
}
