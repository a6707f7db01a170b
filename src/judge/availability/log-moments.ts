import type { RunEvent } from '../../contracts/evidence.ts';
import type { OutageMoment } from '../../contracts/result.ts';
import { clockSkews } from '../../evidence/events/clock-skews.ts';
import { rightTime } from '../../evidence/logs/node-clock.ts';
import { findLogs } from '../../evidence/logs/find-logs.ts';
import { promotionLines } from './promotion-messages.ts';
import { timedLines } from '../../evidence/logs/timed-lines.ts';

/** What programs say at the steps of a promotion. Patroni does not translate its lines. Source: Patroni, ha.py. */
const said: readonly (Pick<OutageMoment, 'what' | 'by'> & { readonly line: RegExp })[] = [
  {
    what: 'lockTaken',
    by: 'patroniLog',
    line: /promoted self to leader by acquiring session lock|acquired session lock as a leader/,
  },
  { what: 'promotionRequested', by: 'postgresLog', line: promotionLines.promotionRequested },
  { what: 'recoveryEnded', by: 'postgresLog', line: promotionLines.recoveryEnded },
  { what: 'newTimeline', by: 'postgresLog', line: promotionLines.newTimeline },
];

/** The steps of promotions that the nodes logged, milliseconds since the start of the load. */
export function logMoments(
  directory: string,
  {
    startedAt,
    originMs,
    events,
  }: {
    readonly startedAt: string;
    readonly originMs: number;
    readonly events: readonly RunEvent[];
  },
): readonly OutageMoment[] {
  const skews = clockSkews(events, startedAt);
  const startMs = Date.parse(startedAt);
  return findLogs(directory).flatMap(({ node, lines }) => {
    const times = { startedAt, skews: skews.filter((skew) => skew.node === node) };
    const moments: OutageMoment[] = [];
    for (const { atMs, text } of timedLines(lines())) {
      const found = atMs === null ? undefined : said.find(({ line }) => line.test(text));
      if (atMs === null || !found) continue;
      const onLoadMs = Math.round(rightTime(atMs, times) - startMs - originMs);
      moments.push({ what: found.what, by: found.by, node, atMs: onLoadMs });
    }
    return moments;
  });
}
