import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

const check: Check<true> = {
  summary: 'Every lost write has a cause that the evidence shows. Cannot be switched off.',
  params: z.literal(true),
  byDefault: true,
  check({ result }: Evidence) {
    if (result.writes.lost === null) {
      const summary = 'explained: what was lost could not be measured';
      return { status: 'unknown', summary, measured: null };
    }
    const ranges = result.lostRanges.filter(({ cause }) => cause === 'unexplained');
    const unknown = result.lostRanges.filter(({ cause }) => cause === null);
    const measured = ranges.map(({ writer, from, to }) => ({ writer, from, to }));
    if (ranges.length > 0) {
      const summary = `explained: ${ranges.length} ranges of lost writes that nothing explains`;
      return { status: 'fail', summary, measured };
    }
    if (unknown.length > 0) {
      const summary = `explained: the cause of ${unknown.length} lost ranges could not be looked up`;
      return { status: 'unknown', summary, measured };
    }
    const isLossless = result.lostRanges.length === 0;
    const summary = isLossless
      ? 'explained: nothing is lost that needs a cause'
      : 'explained: every lost write has a cause';
    return { status: 'pass', summary, measured };
  },
};
export default check;
