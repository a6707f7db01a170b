import type { RunEvent } from '../contracts/evidence.ts';
import type { Figures } from '../contracts/figures.ts';
import type { Result } from '../contracts/result.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { runFacts } from '../evidence/events/run-facts.ts';
import { lagSeries, roleSpans } from '../judge/availability/chart-series.ts';
import { unreachableSpans } from '../judge/availability/unreachable.ts';
import { chartData } from '../render/charts/chart-data.ts';

/** A browser draws so many seconds readily; a longer run shows its last ones. */
const mostSeconds = 1_800;

/** What is known of a run that goes on: enough for the charts of its report. */
export class LiveRun {
  readonly #events: RunEvent[] = [];
  readonly #seconds: Figures[] = [];
  #originNs: bigint | undefined;
  acknowledged = 0;

  event(event: NewEvent): void {
    if (event.type === 'run') this.#originNs ??= BigInt(event.originNs);
    if (this.#originNs === undefined) return;
    const atMs = Number((process.hrtime.bigint() - this.#originNs) / 1000n) / 1000;
    this.#events.push({ ...event, atMs });
    if (event.type === 'lag') this.#forgetOldLag(atMs);
  }

  figures(figures: Figures): void {
    this.#seconds.push(figures);
    if (this.#seconds.length > mostSeconds) this.#seconds.shift();
    for (const outcomes of Object.values(figures.operations)) {
      this.acknowledged += outcomes.acknowledged;
    }
  }

  get lastSecond(): Figures | undefined {
    return this.#seconds.at(-1);
  }

  /** For charts.js; undefined before the load has begun. */
  charts(): object | undefined {
    const { originMs, loadMs, faults, marks, phases } = runFacts(this.#events);
    const [first] = this.#seconds;
    if (loadMs === undefined || !first) return undefined;
    const span = { originMs, endMs: loadMs };
    const total = (outcome: 'acknowledged' | 'localOnly' | 'failed' | 'indeterminate') =>
      this.#seconds.map(({ operations }) =>
        Object.values(operations).reduce((sum, outcomes) => sum + outcomes[outcome], 0),
      );
    const local = total('localOnly');
    const latency = (of: 'p50' | 'p99' | 'max') =>
      this.#seconds.map(({ latencyMs }) => latencyMs?.[of] ?? null);
    const timeline: Result['timeline'] = {
      bucketMs: first.lengthMs,
      acknowledged: total('acknowledged').map((count, index) => count + (local[index] ?? 0)),
      failed: total('failed'),
      indeterminate: total('indeterminate'),
      latencyMs: { p50: latency('p50'), p99: latency('p99'), max: latency('max') },
      roles: roleSpans(this.#events, span).filter(({ toMs }) => toMs > first.atMs),
      lagBytes: lagSeries(this.#events, originMs),
      unreachable: unreachableSpans(this.#events, span),
    };
    const charted = { timeline, faults, marks, phases, lostRanges: [], outage: noOutage };
    return chartData(charted, first.atMs);
  }

  #forgetOldLag(nowMs: number): void {
    const old = this.#events.findIndex(({ type }) => type === 'lag');
    const event = this.#events[old];
    if (event && event.atMs < nowMs - mostSeconds * 1000) this.#events.splice(old, 1);
  }
}

/** Outages are measured at the end, from the journals. */
const noOutage: Result['outage'] = { longestMs: null, perFault: [] };
