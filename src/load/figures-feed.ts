import type { Figures } from '../contracts/figures.ts';
import { FiguresFold, type FoldedLoad } from '../evidence/figures/figures-fold.ts';
import { readTimesIn } from '../evidence/figures/read-times.ts';
import { LiveFigures } from '../evidence/figures/live-figures.ts';
import { type LoadStats, noStats } from './protocol.ts';

const everyMs = 1_000;
/** An answer is in the journal's next frame, which is on its way for at most 100 ms. */
const lateMs = 500;

/** Gives the figures of each second shortly after it is over, from the journals as they come in. */
export class FiguresFeed implements Disposable {
  readonly #onFigures: ((figures: Figures) => void) | undefined;
  readonly #fold: FiguresFold;
  #stats: () => LoadStats = () => noStats;
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
    const { connected, inFlight, unstarted, backingOff } = this.#stats();
    const pausing = backingOff === undefined ? {} : { backingOff };
    const clients = { connected, inFlight, unstarted, ...pausing };
    for (const figures of all) this.#onFigures?.({ ...figures, clients });
  }
}
