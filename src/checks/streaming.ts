import { z } from 'zod';
import type { Check, Verdict } from '../contracts/evidence.ts';
import type { NotStreaming } from '../contracts/result.ts';
import { seconds } from '../std/units/shown.ts';
import { comparison, formatComparison, type Comparison } from '../std/units/units.ts';
import { betweenBounds } from './support/between-bounds.ts';

/**
 * `streaming: throughout`, or `streaming: < 15s`: every one that stopped streamed again within that time. A node that gave no answer
 * for a moment perhaps streamed all the same; where the demand depends on it, nothing is decided.
 */
const check: Check<'throughout' | Comparison> = {
  summary: 'The longest time in which a node that was no primary did not stream.',
  params: z.union([z.literal('throughout'), comparison('duration')]),
  example: '< 15s',
  check({ result: { windows } }, demanded) {
    return verdictOf(windows?.find(({ phase }) => phase === null)?.notStreaming, demanded);
  },
  checkWindow: ({ notStreaming, reason }, demanded) => verdictOf(notStreaming, demanded, reason),
};
export default check;

const never: Comparison = { kind: 'duration', op: '==', value: 0 };

function verdictOf(
  found: NotStreaming | null | undefined,
  demanded: 'throughout' | Comparison,
  reason: string | null = null,
): Verdict {
  const shown = demanded === 'throughout' ? demanded : formatComparison(demanded);
  const demand = `(demanded: ${shown})`;
  if (!found) {
    const why = reason ?? 'no replica was seen, or not all the time';
    return { status: 'unknown', summary: `streaming: ${why} ${demand}`, measured: null };
  }
  const { leastMs, mostMs } = found;
  const limit = demanded === 'throughout' ? never : demanded;
  return {
    status: betweenBounds(limit, leastMs, mostMs ?? Infinity),
    summary: `streaming: ${described(found)} ${demand}`,
    measured: { leastMs, mostMs },
  };
}

function described({ node, leastMs, mostMs }: NotStreaming): string {
  if (node === null) return 'every replica all the time';
  if (mostMs === null) return `${node} not for ${seconds(leastMs)}, and not again until the end`;
  if (leastMs === mostMs) return `${node} not for ${seconds(leastMs)}`;
  return `${node} gave no answer, and nothing is known of it, for up to ${seconds(mostMs)}; without that ${seconds(leastMs)} at the most`;
}
