import type { Figures } from '../contracts/figures.ts';
import { FiguresFold, type FoldedLoad } from '../evidence/figures/figures-fold.ts';
import { readTimesIn } from '../evidence/figures/read-times.ts';
import { LiveFigures } from '../evidence/figures/live-figures.ts';
import { noBytes } from './bytes.ts';
import { type ClientStats, type LoadStats, noStats } from './protocol.ts';

const everyMs = 1_000;
/** An answer is in the journal's next frame, which is on its way for at most 100 ms. */
const lateMs = 500;

/** Gives the figures of each second shortly after it is over, from the journals as they come in. */
export class FiguresFeed implements Disposable {
  readonly #onFigures: ((figures: Figures) => void) | undefined;
  readonly #fold: FiguresFold;
  #stats: () => LoadStats = () => noStats;
  /** When the stretches before were given. */
  #last: LoadStats = noStats;
  #timer: NodeJS.Timeout | undefined;

  /** `onFigures` undefined: no journal is looked at. */
  constructor(onFigures: ((figures: Figures) => void) | undefined, load: FoldedLoad = {}) {
    this.#onFigures = onFigures;
    this.#fold = new FiguresFold(everyMs, load);
  }

  /** For the journal of one worker. */
  listener(): ((bytes: Buffer) => void) | undefined {
    if (!this.#onFigures) return undefined;
    const live = new LiveFigures(this.#fold);
    return (bytes) => live.take(bytes);
  }

  /** For what the readers of one worker see. */
  observationsListener(): ((bytes: Buffer) => void) | undefined {
    if (!this.#onFigures) return undefined;
    return (bytes) => {
      // Whole lines: a worker writes no others.
      for (const line of readTimesIn(bytes.toString())) this.#fold.readTimes(line);
    };
  }

  /** `stats`: of all workers, now. */
  start(originNs: bigint, stats: () => LoadStats): void {
    if (!this.#onFigures) return;
    this.#stats = stats;
    // What connecting took is no part of the first second.
    this.#last = stats();
    this.#timer = setInterval(() => {
      const elapsedMs = Number((process.hrtime.bigint() - originNs) / 1_000_000n);
      this.#give(this.#fold.take(elapsedMs - lateMs));
    }, everyMs);
  }

  /** Gives what is left, and ends. */
  [Symbol.dispose](): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#give(this.#fold.rest());
  }

  #give(all: Iterable<Figures>): void {
    const stretches = [...all];
    if (stretches.length === 0) return;
    const stats = this.#stats();
    const share = 1 / stretches.length;
    const own = clientsSince(stats, this.#last, share);
    const groups = stats.groups?.map((group, at) => {
      return clientsSince(group, this.#last.groups?.[at], share);
    });
    this.#last = stats;
    for (const figures of stretches) {
      this.#onFigures?.({ ...figures, ...own, ...groupsWith(figures.groups, groups) });
    }
  }
}

type Clients = Pick<Figures, 'clients' | 'bytes'>;

/** `share`: of the bytes since `before`, where several stretches are given at once. */
function clientsSince(
  { connected, inFlight, unstarted, backingOff, bytes }: ClientStats,
  before: ClientStats | undefined,
  share: number,
): Clients {
  const pausing = backingOff === undefined ? {} : { backingOff };
  const clients = { connected, inFlight, unstarted, ...pausing };
  if (!bytes) return { clients };
  const { sent, received } = before?.bytes ?? noBytes;
  const since = (now: number, then: number) => Math.round(Math.max(0, now - then) * share);
  return {
    clients,
    bytes: { sent: since(bytes.sent, sent), received: since(bytes.received, received) },
  };
}

function groupsWith(
  groups: Figures['groups'],
  clients: readonly Clients[] | undefined,
): Pick<Figures, 'groups'> {
  if (!groups) return {};
  const all = Object.entries(groups).map(([name, figures], at) => {
    return [name, { ...figures, ...clients?.[at] }] as const;
  });
  return { groups: Object.fromEntries(all) };
}
