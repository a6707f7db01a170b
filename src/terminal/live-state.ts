import type { Topology } from '../contracts/cluster.ts';
import type { PhaseName, RunEvent } from '../contracts/evidence.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;
export type LiveEvent = WithoutTime<RunEvent>;

/** Load statistics, cumulative. */
export interface LiveStats {
  readonly acknowledged: number;
  readonly errors: Readonly<Record<string, number>>;
}

interface Sample {
  readonly atMs: number;
  readonly acknowledged: number;
}

export type Turn = 'inject' | 'healed' | 'mark';

const samplesKept = 240;

/** The current state of a run, from its events and the load's counts. Times are on one monotonic clock. */
export class LiveState {
  phase: PhaseName | undefined;
  loadStartMs: number | undefined;
  /** Until when it ran; undefined while it runs. */
  loadEndMs: number | undefined;
  topology: Topology | undefined;
  lag: Readonly<Record<string, number>> = {};
  /** Nodes that do not answer the load's clients. */
  readonly unreachable = new Set<string>();
  stats: LiveStats = { acknowledged: 0, errors: {} };
  /** Injections in force: id -> targets. */
  readonly inForce = new Map<string, readonly string[]>();
  readonly begun = new Set<string>();
  readonly problems: string[] = [];
  /** When something was injected, healed or noted. */
  readonly turns: { readonly atMs: number; readonly is: Turn }[] = [];
  readonly #samples: Sample[] = [];

  event(event: LiveEvent, nowMs: number): void {
    switch (event.type) {
      case 'phase':
        if (event.edge === 'begin') this.phase = event.phase;
        return;
      case 'load':
        if (event.edge === 'begin') this.loadStartMs = nowMs;
        if (event.edge === 'end') this.loadEndMs = nowMs;
        return;
      case 'reach':
        if (event.reach === 'silent') this.unreachable.add(event.node);
        else this.unreachable.delete(event.node);
        return;
      case 'topology':
        this.topology = event.topology;
        return;
      case 'lag':
        this.lag = event.bytes;
        return;
      case 'inject':
        this.turns.push({ atMs: nowMs, is: 'inject' });
        this.begun.add(event.id);
        this.inForce.set(event.id, event.targets);
        return;
      case 'healed':
        this.turns.push({ atMs: nowMs, is: 'healed' });
        this.inForce.delete(event.id);
        return;
      case 'mark':
        this.turns.push({ atMs: nowMs, is: 'mark' });
        return;
      case 'problem':
        this.problems.push(event.what);
        return;
      default:
        return;
    }
  }

  progress(stats: LiveStats, nowMs: number): void {
    this.stats = stats;
    this.#samples.push({ atMs: nowMs, acknowledged: stats.acknowledged });
    if (this.#samples.length > samplesKept) this.#samples.shift();
  }

  /** Acknowledged operations per second of the last `count` seconds, oldest first; shorter while the load is young. */
  rates(count: number, nowMs: number): readonly number[] {
    const first = this.#samples[0];
    if (!first) return [];
    const seconds = Math.min(count, Math.floor((nowMs - first.atMs) / 1000));
    return Array.from({ length: seconds }, (_, index) => {
      const fromMs = nowMs - (seconds - index) * 1000;
      return Math.max(0, this.#at(fromMs + 1000) - this.#at(fromMs));
    });
  }

  /** For the same seconds: what was injected, healed or noted in each; undefined for none. */
  marks(seconds: number, nowMs: number): readonly (Turn | undefined)[] {
    return Array.from({ length: seconds }, (_, index) => {
      const fromMs = nowMs - (seconds - index) * 1000;
      const within = this.turns.filter(({ atMs }) => atMs > fromMs && atMs <= fromMs + 1000);
      return within.find(({ is }) => is === 'inject')?.is ?? within[0]?.is;
    });
  }

  #at(atMs: number): number {
    return this.#samples.findLast((sample) => sample.atMs <= atMs)?.acknowledged ?? 0;
  }
}
