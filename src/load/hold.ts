import { ClusterError } from '../std/errors.ts';
import type { WorkerProcess } from './worker-process.ts';

type Worker = Pick<WorkerProcess, 'hold' | 'allow' | 'resume' | 'stats' | 'writers' | 'lost'>;

/** Holds the load of all workers, and lets single operations through. */
export class Hold {
  readonly #workers: readonly Worker[];
  readonly #onChange: (isHeld: boolean) => void;
  #isHeld = false;

  constructor(workers: readonly Worker[], onChange: (isHeld: boolean) => void = () => undefined) {
    this.#workers = workers;
    this.#onChange = onChange;
  }

  /** A worker that comes while the load is held. */
  join(worker: Worker): void {
    if (this.#isHeld) void worker.hold().catch(() => undefined);
  }

  async hold(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isHeld) this.#onChange(true);
    this.#isHeld = true;
    await orAborted(Promise.all(this.#present().map((worker) => worker.hold())), signal);
  }

  /** Shares are proportional to a worker's clients, so that every operation finds a free connection. */
  async allow(operations: number, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    if (!this.#isHeld) throw new ClusterError('the load is not held, so nothing can be allowed');
    const before = this.#rows();
    const present = this.#present();
    const shares = sharesOf(
      operations,
      present.map(({ writers }) => writers),
    );
    const asked = present.map((worker, index) => worker.allow(shares[index] ?? 0));
    try {
      await orAborted(Promise.all(asked), signal);
    } catch (error) {
      // An operation that has not started must not start later, after this call has failed.
      for (const worker of present) void worker.hold().catch(() => undefined);
      throw error;
    }
    return this.#rows() - before;
  }

  resume(): Promise<void> {
    if (this.#isHeld) this.#onChange(false);
    this.#isHeld = false;
    for (const worker of this.#present()) worker.resume();
    return Promise.resolve();
  }

  #present(): readonly Worker[] {
    return this.#workers.filter(({ lost }) => lost === undefined);
  }

  #rows(): number {
    return this.#workers.reduce((sum, { stats }) => sum + stats.rows, 0);
  }
}

/** Integer shares in proportion to `weights` that add up to `total`. */
export function sharesOf(total: number, weights: readonly number[]): readonly number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let given = 0;
  let seen = 0;
  return weights.map((weight) => {
    seen += weight;
    const share = Math.floor((total * seen) / Math.max(1, all)) - given;
    given += share;
    return share;
  });
}

async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
