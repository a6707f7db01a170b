import type { Check, Evidence } from '../contracts/evidence.ts';
import type { Observation } from '../contracts/observation.ts';
import { compare, comparison, formatComparison, type Comparison } from '../std/units/units.ts';

/** What readers saw that must never be seen: a read that keeps `{ found, expected }` is wrong where they differ. */
const check: Check<Comparison> = {
  summary: "Reads whose value is not the only right one, such as workload bank's total.",
  params: comparison('count'),
  example: '0',
  check({ observations, result }: Evidence, demanded) {
    const all = (observations?.observations ?? []).filter(({ value }) => isJudged(value));
    // Of the reads of clients only examples are there; they are counted.
    const seen = all.filter(({ by }) => by !== 'client');
    const clients = result.reads?.clients;
    const wrong = all.filter(isWrong);
    const judged = seen.length + (clients?.judged ?? 0);
    const wrongs = seen.filter(isWrong).length + (clients?.wrong ?? 0);
    const demand = `(demanded: ${formatComparison(demanded)})`;
    const measured = { reads: judged, wrong: wrongs };
    const gaps = observations?.missing ?? [];
    const [first] = wrong;
    const example = first ? `, the first ${shown(first)}` : '';
    const summary = `wrong reads: ${wrongs} of ${judged}${example} ${demand}`;
    // What is not there could be wrong, too, so it can only break an upper limit further.
    const isComplete = judged > 0 && gaps.length === 0;
    if (compare(wrongs, demanded)) {
      const why = gaps[0] ?? 'no reader saw a value that has one right answer';
      return isComplete
        ? { status: 'pass', summary, measured }
        : { status: 'unknown', summary: `wrong reads: ${why} ${demand}`, measured };
    }
    return { status: wrongs === 0 && !isComplete ? 'unknown' : 'fail', summary, measured };
  },
};
export default check;

interface Judged {
  readonly found: unknown;
  readonly expected: unknown;
}

function isJudged(value: unknown): value is Judged {
  return typeof value === 'object' && value !== null && 'found' in value && 'expected' in value;
}

function isWrong({ value }: Observation): boolean {
  return isJudged(value) && value.found !== value.expected;
}

function shown({ read, node, sentMs, value }: Observation): string {
  return `'${read}' on ${node ?? 'no node'} at ${Math.round(sentMs)} ms: ${JSON.stringify(value)}`;
}
