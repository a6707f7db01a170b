import { z } from 'zod';
import type { Check, Evidence, Measured } from '../contracts/evidence.ts';
import type { LossCause } from '../contracts/result.ts';
import { lossSummaryOf } from '../std/units/loss-summary.ts';

const check: Check<true> = {
  summary: 'Every lost write has a cause in the evidence. This check cannot be switched off.',
  params: z.literal(true),
  byDefault: true,
  check({ result }: Evidence) {
    if (result.writes.lost === null) {
      const summary = 'explained: the loss could not be measured';
      return { status: 'unknown', summary, measured: null };
    }
    const named = result.lostRanges.filter(({ cause }) => cause === 'unexplained');
    const measured = named.map(({ writer, from, to }) => ({ writer, from, to }));
    const unexplained = countOf(result, 'unexplained');
    if (unexplained > 0) {
      const summary = `explained: ${unexplained} ranges of lost writes without an explanation`;
      return { status: 'fail', summary, measured };
    }
    const unknown = countOf(result, null);
    if (unknown > 0) {
      const summary = `explained: the cause of ${unknown} lost ranges could not be determined`;
      return { status: 'unknown', summary, measured };
    }
    const isLossless = lossSummaryOf(result).ranges === 0;
    const summary = isLossless
      ? 'explained: no write is lost'
      : 'explained: every lost write has a cause';
    return { status: 'pass', summary, measured };
  },
};
export default check;

function countOf(result: Measured, why: LossCause | null): number {
  const places = lossSummaryOf(result).places.filter(({ cause }) => cause === why);
  return places.reduce((sum, { ranges }) => sum + ranges, 0);
}
