import type { Result } from '../../contracts/result.ts';

/** Seconds that a consumer's deliveries are counted by. */
const deliveriesEveryS = 1;

/** Times are seconds since the start of the load. `perSecond`: the changes that its sink committed; absent where it says nothing of them. */
interface ConsumerLane {
  readonly name: string;
  readonly spans: readonly (readonly [state: string, from: number, to: number])[];
  readonly perSecond: readonly (readonly [from: number, to: number, changes: number])[];
  readonly gaps: readonly number[];
}

/** For charts.js: a lane of each consumer of which something was seen while the run went on. */
export function consumerLanes(downstream: Result['downstream'] = []): readonly ConsumerLane[] {
  return downstream.flatMap(({ name, course }) => {
    if (!course) return [];
    const { spans, deliveries, gapsAtMs } = course;
    return {
      name,
      spans: spans.map(({ state, fromMs, toMs }) => [state, fromMs / 1000, toMs / 1000] as const),
      perSecond: (deliveries ?? []).map(({ fromMs, changes }) => {
        const from = fromMs / 1000;
        return [from, from + deliveriesEveryS, changes] as const;
      }),
      gaps: gapsAtMs.map((atMs) => atMs / 1000),
    };
  });
}
