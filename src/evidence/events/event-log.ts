import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { RunEvent } from '../../contracts/evidence.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;
export type NewEvent = WithoutTime<RunEvent>;

/** events.jsonl while it is written: each event is with the kernel when `emit` returns, so SIGKILL loses none. */
export class EventLog {
  readonly #path: string;
  readonly #fd: number;
  readonly #originNs: bigint;
  readonly #seen: (event: NewEvent) => void;
  readonly #failed = Promise.withResolvers<never>();
  readonly #unwritten: RunEvent[] = [];
  #failure: EnvironmentError | undefined;
  #isRemoved = false;
  #isClosed = false;

  /**
   * `originNs`: process.hrtime.bigint() at the start of the run. `seen`: called with each event once it is written. An
   * existing file is refused.
   */
  static create(
    path: string,
    originNs: bigint,
    seen: (event: NewEvent) => void = () => undefined,
  ): EventLog {
    return new EventLog(path, originNs, seen);
  }

  private constructor(path: string, originNs: bigint, seen: (event: NewEvent) => void) {
    this.#path = path;
    this.#originNs = originNs;
    this.#seen = seen;
    // Without a listener the rejection must not end the process.
    this.#failed.promise.catch(() => undefined);
    try {
      this.#fd = openSync(path, 'ax');
    } catch (error) {
      throw new EnvironmentError(`cannot create ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Rejects with an EnvironmentError when an event cannot be written: the run has no journal from then on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The same, as a value. */
  get failure(): EnvironmentError | undefined {
    return this.#failure;
  }

  /** Whether the failure is that the run's folder is gone: then nothing of the run is left to be judged. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Events since then, for judging in spite of it: they are in no file. */
  get unwritten(): readonly RunEvent[] {
    return this.#unwritten;
  }

  /**
   * After `close` it does nothing: a late topology change must not fail a run that is over.
   * Errors: EnvironmentError for an undo that cannot be written, because then the fault must not be injected. Other events
   * only reject `failed`: their emitters cannot repair a disk.
   */
  emit(event: NewEvent): void {
    if (this.#isClosed) return;
    const atMs = Number((process.hrtime.bigint() - this.#originNs) / 1000n) / 1000;
    const stamped = { atMs, ...event } as RunEvent;
    this.look();
    if (!this.#failure) this.#write(stamped);
    if (this.#failure) {
      this.#unwritten.push(stamped);
      if (event.type === 'undo') throw this.#failure;
    }
    this.#seen(event);
  }

  /** Finds out whether the file is still where it was: an open one takes bytes though nothing leads to it any more. */
  look(): void {
    if (this.#failure || this.#isClosed) return;
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there?.ino === fstatSync(this.#fd).ino) return;
    this.#isRemoved = true;
    this.#fail(
      `${dirname(this.#path)} was removed or moved while the run wrote to it: nothing of this run can be judged or kept. Its faults are healed. Run it again, and leave its folder alone until it has ended.`,
    );
  }

  #write(event: RunEvent): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      for (let from = 0; from < line.length;) from += writeSync(this.#fd, line, from);
      // An undo must survive a crash of this host too.
      if (event.type === 'undo') fsyncSync(this.#fd);
    } catch (error) {
      this.#fail(
        `cannot write ${this.#path}: ${messageOf(error)}. Free space, or name another folder with FORKPOINT_REPORTS.`,
        error,
      );
    }
  }

  #fail(what: string, cause?: unknown): void {
    this.#failure = new EnvironmentError(what, { cause });
    this.#failed.reject(this.#failure);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}

export interface EventsReading {
  readonly events: readonly RunEvent[];
  /** Lines that are no events, by number: the last one when its writer was killed while writing it. */
  readonly problems: readonly string[];
}

/** Reads events.jsonl. What is torn is reported and left out. Errors: those of node:fs when there is no such file. */
export function readEvents(path: string): EventsReading {
  const { values, problems } = readLines(path, 'atMs');
  return { events: values as readonly RunEvent[], problems };
}

/** Objects, one per line, each with a type and a time called `time`. Errors: those of node:fs. */
export function readLines(
  path: string,
  time: string,
): { readonly values: readonly object[]; readonly problems: readonly string[] } {
  const values: object[] = [];
  const problems: string[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.forEach((line, index) => {
    if (line === '') return;
    const event = parseEvent(line, time);
    if (event) values.push(event);
    else problems.push(`${path}:${index + 1}: not an event (${line.length} characters)`);
  });
  return { values, problems };
}

function parseEvent(line: string, time: string): object | undefined {
  try {
    const event = JSON.parse(line) as unknown;
    const isEvent = typeof event === 'object' && event !== null && time in event;
    return isEvent && 'type' in event ? event : undefined;
  } catch {
    return undefined;
  }
}
