import type { Result, RoleSpan } from '../../contracts/result.ts';
import { consumerLanes } from './consumer-lanes.ts';

/** A browser draws no more than this; the largest ranges are kept. */
const lostShown = 5_000;
const faultsShown = 1_000;

export interface Charted extends Pick<
  Result,
  'timeline' | 'faults' | 'lostRanges' | 'outage' | 'phases' | 'downstream'
> {
  readonly marks?: readonly { readonly text: string; readonly atMs: number }[];
}

/**
 * The data for charts.js; undefined if no load ran. Times are seconds since the start of the load. `startMs`: of the first
 * bucket.
 */
export function chartData(
  { timeline, faults, marks = [], lostRanges, outage, phases, downstream }: Charted,
  startMs = 0,
): object | undefined {
  if (!timeline) return undefined;
  const { bucketMs, acknowledged, failed, indeterminate, latencyMs, roles, lagBytes } = timeline;
  const perSecond = (counts: readonly number[]) =>
    counts.map((count) => Math.round((count * 1e5) / bucketMs) / 100);
  const rounded = (values: readonly (number | null)[]) =>
    values.map((value) => (value === null ? null : Math.round(value * 100) / 100));
  const bucketsEndMs = startMs + acknowledged.length * bucketMs;
  const endMs = phases.loadMs ?? bucketsEndMs;
  const largest = lostRanges
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, lostShown);
  return {
    step: bucketMs / 1000,
    start: startMs / 1000,
    end: Math.max(endMs, bucketsEndMs) / 1000,
    acknowledged: perSecond(acknowledged),
    errors: perSecond(failed.map((count, index) => count + (indeterminate[index] ?? 0))),
    p50: rounded(latencyMs.p50),
    p99: rounded(latencyMs.p99),
    max: rounded(latencyMs.max),
    roles: roles.map(({ node, role, timeline: number, fromMs, toMs }) => [
      ...[node, role, number, fromMs / 1000, toMs / 1000],
    ]),
    twice: inTwoHands(roles).map(([node, fromMs, toMs]) => [node, fromMs / 1000, toMs / 1000]),
    unreachable: (timeline.unreachable ?? []).map(({ node, fromMs, toMs }) => [
      ...[node, fromMs / 1000, toMs / 1000],
    ]),
    lag: Object.fromEntries(
      Object.entries(lagBytes).map(([node, points]) => [
        node,
        points.map(([atMs, bytes]) => [atMs / 1000, bytes]),
      ]),
    ),
    stale: Object.fromEntries(
      Object.entries(timeline.stalenessMs ?? {}).map(([node, points]) => [
        node,
        points.map(([atMs, ms]) => [atMs / 1000, ms / 1000]),
      ]),
    ),
    faults: faults
      .slice(0, faultsShown)
      .flatMap(({ id, targets, inForceAtMs, injectedAtMs, healedAtMs }) => {
        // Healed without ever being in force: its injection failed.
        const fromMs = inForceAtMs ?? (healedAtMs === null ? injectedAtMs : null);
        return fromMs === null ? [] : [[id, targets, fromMs / 1000, (healedAtMs ?? endMs) / 1000]];
      }),
    marks: marks.slice(0, faultsShown).map(({ text, atMs }) => [text, atMs / 1000]),
    lost: largest.map(({ writer, from, to, ackedAtMs: [first, last] }) => [
      ...[writer, first / 1000, last / 1000, to - from + 1],
    ]),
    outages: outages(outage, endMs),
    consumers: consumerLanes(downstream),
  };
}

/** Per node, if more than one acknowledged writes. */
function inTwoHands(roles: readonly RoleSpan[]): (readonly [string, number, number])[] {
  const takers = roles.filter(({ role }) => role === 'leader' || role === 'primary');
  return takers.flatMap((one) =>
    takers.flatMap((other) => {
      const fromMs = Math.max(one.fromMs, other.fromMs);
      const toMs = Math.min(one.toMs, other.toMs);
      return one.node === other.node || toMs <= fromMs ? [] : [[one.node, fromMs, toMs] as const];
    }),
  );
}

/** Faults in force at the same time share one outage. */
function outages({ perFault }: Result['outage'], endMs: number): readonly (readonly number[])[] {
  const spans = perFault.flatMap(({ fromMs, untilMs }) =>
    fromMs === null ? [] : [[fromMs / 1000, (untilMs ?? endMs) / 1000]],
  );
  return [...new Map(spans.map((span) => [span.join(), span])).values()];
}
