import { MOST_WRITERS } from '../evidence/journal/format.ts';
import { messageOf } from '../std/errors.ts';
import { type ClockOffset, sameClock } from './clock-offset.ts';
import type { WorkerSpec } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What happened to the workers of a load in its course. */
export type WorkerChange =
  | { readonly edge: 'lost'; readonly worker: number; readonly how: string }
  /** It takes over the schedule of another, with writers of its own. */
  | {
      readonly edge: 'joined';
      readonly worker: number;
      readonly inPlaceOf: number;
      readonly firstWriter: number;
      readonly writers: number;
    }
  /** None came in its place. */
  | { readonly edge: 'missing'; readonly worker: number; readonly why: string };

export interface CrewOptions {
  readonly originNs: bigint;
  /** Whether the load can go on with other writers, and the site gives another worker. */
  readonly replaces: boolean;
  /** Of the plan: new ones are counted from here. */
  readonly writers: number;
  readonly open: (spec: WorkerSpec) => Promise<WorkerProcess>;
  readonly onChange: (change: WorkerChange) => void;
  /** Before its start: a load that is held holds it too. */
  readonly onJoin: (worker: WorkerProcess) => void;
}

/** How far apart the workers of one load began. */
export interface Spread {
  readonly workers: number;
  readonly spreadMs: number;
  /** Of the clocks: the least and the greatest may each be wrong by this. */
  readonly errorMs: number;
}

/** The workers of one load. A lost one stays in the list, with what it had counted; another may take its place. */
export class Crew {
  readonly all: WorkerProcess[];
  /** Resolves when every worker that was not lost has ended its share. Rejects as soon as one fails. */
  readonly done: Promise<void>;
  readonly #options: CrewOptions;
  readonly #over = Promise.withResolvers<undefined>();
  #isOver = false;
  #nextWorker: number;
  #nextWriter: number;

  constructor(workers: readonly WorkerProcess[], options: CrewOptions) {
    this.all = [...workers];
    this.#options = options;
    this.#nextWorker = workers.length;
    this.#nextWriter = options.writers;
    this.done = Promise.all(workers.map((worker) => this.#watch(worker))).then(() => undefined);
    this.done.catch(() => undefined);
  }

  /** No other worker begins any more. */
  end(): void {
    this.#isOver = true;
    this.#over.resolve(undefined);
  }

  async #watch(worker: WorkerProcess): Promise<void> {
    await worker.done;
    if (worker.lost === undefined) return;
    this.#options.onChange({ edge: 'lost', worker: worker.number, how: worker.lost });
    if (this.#isOver || !this.#options.replaces) return;
    const next = await Promise.race([this.#replace(worker), this.#over.promise]);
    if (next) await this.#watch(next);
  }

  /** Undefined: none came in time. Never rejects. */
  async #replace({ spec, number }: WorkerProcess): Promise<WorkerProcess | undefined> {
    const { open, onChange, onJoin, originNs } = this.#options;
    const instead = { worker: this.#nextWorker++, firstIdentity: this.#nextWriter };
    try {
      if (instead.firstIdentity + spec.writers > MOST_WRITERS) {
        throw new Error(`a run names at most ${MOST_WRITERS} writers`);
      }
      this.#nextWriter += spec.writers;
      const next = await open({ ...spec, instead });
      const offset = await this.#untilReady(next);
      if (!offset) {
        await next.discard();
        return undefined;
      }
      this.all.push(next);
      onChange({
        edge: 'joined',
        worker: instead.worker,
        inPlaceOf: number,
        firstWriter: instead.firstIdentity,
        writers: spec.writers,
      });
      onJoin(next);
      next.start(originNs, offset);
      return next;
    } catch (error) {
      if (!this.#isOver) onChange({ edge: 'missing', worker: number, why: messageOf(error) });
      return undefined;
    }
  }

  /** Undefined: it is not ready when the load is over, or failed. */
  async #untilReady(worker: WorkerProcess): Promise<ClockOffset | undefined> {
    const ready = worker.ready.then(() => worker.clockOffset());
    const offset = await Promise.race([ready, this.#over.promise]).catch((error: unknown) => {
      const { number: place } = worker;
      this.#options.onChange({ edge: 'missing', worker: place, why: messageOf(error) });
      return undefined;
    });
    return this.#isOver ? undefined : offset;
  }
}

/** Once each has begun. Errors: those of a worker that failed before. */
export async function spreadOf(
  workers: readonly WorkerProcess[],
  offsets: readonly ClockOffset[],
): Promise<Spread> {
  const late = await Promise.all(workers.map(({ begun }) => begun));
  const errors = workers.map((_, index) => Number((offsets[index] ?? sameClock).errorNs) / 1e6);
  return {
    workers: workers.length,
    spreadMs: (Math.max(...late) - Math.min(...late)) / 1000,
    errorMs: Math.max(...errors),
  };
}
