import type { Check, Evidence } from '../contracts/evidence.ts';
import type { StepBackRead } from '../contracts/result.ts';
import { fineSeconds, seconds } from '../std/units/shown.ts';
import { compare, comparison, formatComparison, type Comparison } from '../std/units/units.ts';
import { withoutReads } from './support/without-reads.ts';

/** A later read of a session must not show an older state than an earlier one: `monotonicReads: 0`. */
const check: Check<Comparison> = {
  summary: 'Reads that showed an older state than an earlier read of the same session.',
  params: comparison('count'),
  example: '0',
  problems: withoutReads,
  check({ result }: Evidence, demanded) {
    const demand = `(demanded: ${formatComparison(demanded)})`;
    const { reads } = result;
    if (!reads || reads.reads === 0) {
      const why = reads?.missing[0] ?? 'no read showed which state it saw';
      return { status: 'unknown', summary: `steps back: ${why} ${demand}`, measured: null };
    }
    const { stepsBack, missing } = reads;
    const [first] = stepsBack.first;
    const example = first ? `, the first ${shown(first)}` : '';
    const gap = missing[0] === undefined ? '' : `; ${missing[0]}`;
    const summary = `steps back: ${stepsBack.reads} of ${reads.reads} reads${example}${gap} ${demand}`;
    const measured = { reads: stepsBack.reads, onConnection: stepsBack.onConnection };
    // What is missing could only add to them.
    const mayBeMore = missing.length > 0;
    const isMet = compare(stepsBack.reads, demanded);
    if (isMet === compare(Infinity, demanded) || !mayBeMore) {
      return { status: isMet ? 'pass' : 'fail', summary, measured };
    }
    return { status: 'unknown', summary, measured };
  },
};
export default check;

function shown({ session, node, atMs, before, byMs }: StepBackRead): string {
  const by = byMs === null ? '' : `, by ${fineSeconds(byMs)}`;
  return `${session}: ${before.node} at ${seconds(before.atMs)}, then ${node} at ${seconds(atMs)}${by}`;
}
