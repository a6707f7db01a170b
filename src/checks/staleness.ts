import type { Check, Evidence } from '../contracts/evidence.ts';
import type { ReadsResult } from '../contracts/result.ts';
import { fineSeconds, seconds } from '../std/units/shown.ts';
import { compare, comparison, formatComparison, type Comparison } from '../std/units/units.ts';
import { withoutReads } from './support/without-reads.ts';

/** How old the state was that reads saw, at the most. It is known to lie between two bounds; between them nothing is decided. */
const check: Check<Comparison> = {
  summary: 'How old the state was that the stalest read saw, on any node.',
  params: comparison('duration'),
  example: '< 5s',
  problems: withoutReads,
  check({ result }: Evidence, demanded) {
    const demand = `(demanded: ${formatComparison(demanded)})`;
    const { reads } = result;
    if (!reads?.staleness) {
      const why = reads?.missing[0] ?? 'no read showed which state it saw';
      return { status: 'unknown', summary: `staleness: ${why} ${demand}`, measured: null };
    }
    const { atLeastMs, node, atMs } = reads.staleness;
    const atMostMs = reads.missing.length > 0 ? Infinity : reads.staleness.atMostMs;
    const most = atMostMs === Infinity ? '' : ` and at most ${fineSeconds(atMostMs)}`;
    const stalest = atLeastMs === 0 ? '' : `: ${node} at ${seconds(atMs)}`;
    const gap = reads.missing[0] === undefined ? '' : `; ${reads.missing[0]}`;
    return {
      status: statusOf(demanded, atLeastMs, atMostMs),
      summary: `staleness: at least ${fineSeconds(atLeastMs)}${most}${stalest}${gap} ${demand}`,
      measured: measuredOf(reads, atMostMs),
    };
  },
};
export default check;

function measuredOf({ staleness }: ReadsResult, atMostMs: number) {
  const atLeastMs = staleness?.atLeastMs ?? null;
  return { atLeastMs, atMostMs: atMostMs === Infinity ? null : atMostMs };
}

/** Every demand is met by the numbers of one interval: if both bounds meet it, so does all between them. */
function statusOf(demanded: Comparison, least: number, most: number): 'pass' | 'fail' | 'unknown' {
  if (demanded.op === '!=') return compare(least, demanded) && least === most ? 'pass' : 'unknown';
  const [isLeastMet, isMostMet] = [compare(least, demanded), compare(most, demanded)];
  if (isLeastMet && isMostMet) return 'pass';
  const upper = demanded.op === '..' ? demanded.upTo : demanded.value;
  const isBelow = most < demanded.value || (most === demanded.value && !isMostMet);
  const isAbove = least > upper || (least === upper && !isLeastMet);
  if (demanded.op === '<' || demanded.op === '<=') return isAbove ? 'fail' : 'unknown';
  if (demanded.op === '>' || demanded.op === '>=') return isBelow ? 'fail' : 'unknown';
  return isAbove || isBelow ? 'fail' : 'unknown';
}
