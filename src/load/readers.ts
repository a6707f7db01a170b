import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from '../contracts/workload.ts';
import type { ObservationLines } from '../evidence/observations/lines.ts';
import type { LoadClock } from './clock.ts';
import { LoadReader } from './load-reader.ts';
import type { WorkerSpec } from './protocol.ts';
import type { ReadLog } from './read-log.ts';
import type { ReadTimes } from './read-times.ts';

export interface ReaderTools {
  readonly lines: ObservationLines;
  readonly log: ReadLog;
  readonly times: ReadTimes;
  /** Ends them, at the latest with the load. */
  readonly signal: AbortSignal;
}

/**
 * One worker's readers: each reads at equal intervals, and skips those it is late for. They are no clients: a fault that holds the
 * writers does not hold them.
 */
export class Readers {
  readonly #readers: readonly LoadReader[];
  readonly #lines: ObservationLines;
  readonly #times: ReadTimes;
  readonly #everyUs: number;
  readonly #signal: AbortSignal;

  /** Undefined where this worker has none. */
  static of(spec: WorkerSpec, workload: Workload, tools: ReaderTools): Readers | undefined {
    return spec.readers > 0 ? new Readers(spec, workload, tools) : undefined;
  }

  private constructor(
    spec: WorkerSpec,
    workload: Workload,
    { signal, lines, log, times }: ReaderTools,
  ) {
    const { firstReader, readers, members, credentials, load, context } = spec;
    const { count = 1, ratePerSecond = 1 } = load.readers ?? {};
    this.#everyUs = (count / ratePerSecond) * 1_000_000;
    this.#signal = signal;
    this.#lines = lines;
    this.#times = times;
    this.#readers = Array.from({ length: readers }, (_, index) => firstReader + index).flatMap(
      (number) => {
        const reader = workload.reader?.(number, context);
        const { deadlineMs } = load;
        const applicationName = `forkpoint reader ${number}`;
        const options = { number, members, credentials, applicationName, signal };
        const state = { schema: context.schema, timeoutMs: deadlineMs };
        const session = { state, log: log.session(`reader ${number}`) };
        return reader ? [new LoadReader({ ...options, ...session, reader })] : [];
      },
    );
  }

  /** Resolves at the end of the load. */
  async run(clock: LoadClock): Promise<void> {
    const share = this.#everyUs / Math.max(1, this.#readers.length);
    await Promise.all(
      this.#readers.map((reader, index) => this.#readOn(reader, clock, index * share)),
    );
  }

  async #readOn(reader: LoadReader, clock: LoadClock, firstUs: number): Promise<void> {
    let nextUs = firstUs;
    const isOver = () => this.#signal.aborted;
    while (!isOver() && !this.#lines.isFull) {
      const waitMs = Math.max(0, nextUs - clock.nowUs()) / 1000;
      await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
      if (isOver()) break;
      const line = await reader.observe(clock);
      // The end of the load breaks the connection; the server refused nothing.
      if (!isOver() || line.value !== undefined) {
        this.#lines.add(line);
        const { sentUs: askedUs, answeredUs, problem } = line;
        const isAnswered = problem === undefined;
        this.#times.note({ by: 'reader', dueUs: nextUs, askedUs, answeredUs, isAnswered });
      }
      const lateBy = Math.floor((clock.nowUs() - nextUs) / this.#everyUs);
      nextUs += Math.max(1, lateBy) * this.#everyUs;
    }
    reader.disconnect();
  }
}
