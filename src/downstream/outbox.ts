import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, isSamePosition, type Position } from './change.ts';
import { Overtaken, type Progress } from './sink.ts';
import { isDefinite, pauseMs } from './retry.ts';
import { messageOf } from '../std/errors.ts';

/** Batches that wait for the sink, in memory and in the staging file; the stream waits when there are more. */
const mostWaiting = 100;
const mostAttempts = 5;
/** While the sink is away. */
const probeEveryMs = 1_000;

export interface OutboxOptions {
  readonly sink: { write(number: number, batch: Batch): Promise<void> };
  readonly staging: { add(batch: Batch): void; clear(): void };
  readonly from: Progress;
  readonly delivered: (number: number, batch: Batch) => void;
  /** `isAway`: the sink does not answer, and nothing is delivered until it does. */
  readonly retries: (what: string, isAway: boolean) => void;
}

/**
 * What was received and the sink has not committed. While the sink is away, batches wait in it: after 5 attempts it asks once a
 * second. A definite refusal ends it, with the batch kept.
 */
export class Outbox {
  /** Rejects with the sink's definite refusal. */
  readonly failed: Promise<never>;
  /** Writes to the sink that failed, and were or will be tried again. */
  failedAttempts = 0;
  readonly #failed = Promise.withResolvers<never>();
  readonly #options: OutboxOptions;
  readonly #waiting: Batch[] = [];
  readonly #stop = new AbortController();
  #written: Progress;
  #last: Position;
  #pumping: Promise<void> | undefined;
  #room = Promise.withResolvers<undefined>();
  #overtaken = Promise.withResolvers<undefined>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#written = options.from;
    this.#last = options.from.position;
    this.failed = this.#failed.promise;
    this.failed.catch(() => undefined);
  }

  /** Holds nothing that the sink has not committed. */
  get isEmpty(): boolean {
    return this.#pumping === undefined;
  }

  /** Batches that the sink has not committed. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** When the first change that it holds was committed, as in `Batch`; undefined: it holds none. */
  get sinceMs(): number | undefined {
    return this.#waiting.find(({ sinceMs }) => sinceMs !== undefined)?.sinceMs;
  }

  /** What the sink has committed. */
  get confirmed(): Position {
    return this.#written.position;
  }

  /** Where what it holds ends: what comes next. */
  get last(): Position {
    return this.#last;
  }

  /**
   * The sink has come further than this consumer brought it: another process of it is at work. Only while it holds nothing, for what
   * it holds follows what it knew.
   */
  goOnFrom(progress: Progress): void {
    if (!this.isEmpty) return;
    this.#written = progress;
    this.#last = progress.position;
  }

  /** Resolves when another process has brought the sink further: it holds nothing then, and goes on from there. */
  get overtaken(): Promise<undefined> {
    return this.#overtaken.promise;
  }

  /** Resolves when it is on disk, and there is room for the next. One that does not follow what it holds is left out. */
  async put(batch: Batch, isStaged = false): Promise<void> {
    if (!isSamePosition(batch.after, this.#last)) return;
    if (!isStaged) this.#options.staging.add(batch);
    this.#waiting.push(batch);
    this.#last = batch.to;
    this.#pumping ??= this.#pump();
    while (this.#waiting.length >= mostWaiting)
      await Promise.race([this.#room.promise, this.failed]);
  }

  /** Resolves when the sink has all of it. Errors: the sink's definite refusal. */
  async drained(): Promise<void> {
    // The refusal first: after it nothing pumps, and what waits is not in the sink.
    await Promise.race([this.failed, this.#pumping ?? Promise.resolve()]);
  }

  close(): void {
    this.#stop.abort(new Error('the consumer ends'));
  }

  async #pump(): Promise<void> {
    try {
      for (let batch = this.#waiting[0]; batch; batch = this.#waiting[0]) {
        const number = this.#written.batch + 1;
        await this.#write(number, batch);
        this.#waiting.shift();
        this.#written = { batch: number, position: batch.to };
        if (this.#waiting.length === 0) this.#options.staging.clear();
        this.#options.delivered(number, batch);
        this.#room.resolve(undefined);
        this.#room = Promise.withResolvers<undefined>();
      }
      this.#pumping = undefined;
    } catch (error) {
      this.#pumping = undefined;
      if (error instanceof Overtaken) this.#leaveTo(error);
      else this.#failed.reject(error);
    }
  }

  /** Nothing is lost: the slot is only told what the sink has committed. */
  #leaveTo({ progress, message }: Overtaken): void {
    this.#options.retries(message, false);
    this.#waiting.length = 0;
    this.#options.staging.clear();
    this.goOnFrom(progress);
    this.#room.resolve(undefined);
    this.#room = Promise.withResolvers<undefined>();
    this.#overtaken.resolve(undefined);
    this.#overtaken = Promise.withResolvers<undefined>();
  }

  async #write(number: number, batch: Batch): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#options.sink.write(number, batch);
        return;
      } catch (error) {
        if (isDefinite(error)) throw error;
        this.failedAttempts++;
        const which = attempt === 1 ? 'attempt 1 failed' : 'away';
        if (attempt === 1 || attempt === mostAttempts) {
          this.#options.retries(`sink: ${which}: ${messageOf(error)}`, true);
        }
        const waitMs = attempt < mostAttempts ? pauseMs(attempt) : probeEveryMs;
        await sleep(waitMs, undefined, { signal: this.#stop.signal });
      }
    }
  }
}
