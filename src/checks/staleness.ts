import type { Check, Evidence } from '../contracts/evidence.ts';
import type { ReadsResult } from '../contracts/result.ts';
import { fineSeconds, seconds } from '../std/units/shown.ts';
import { comparison, formatComparison, type Comparison } from '../std/units/units.ts';
import { betweenBounds } from './support/between-bounds.ts';
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
      status: betweenBounds(demanded, atLeastMs, atMostMs),
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
