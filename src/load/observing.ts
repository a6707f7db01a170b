import type { Workload } from '../contracts/workload.ts';
import type { JournalSink } from '../evidence/journal/sink.ts';
import { mostBytes } from '../evidence/observations/format.ts';
import { ObservationLines } from '../evidence/observations/lines.ts';
import type { LoadClock } from './clock.ts';
import { Heartbeat } from './heartbeat.ts';
import type { WorkerSpec } from './protocol.ts';
import { ReadLog } from './read-log.ts';
import { ReadTimes } from './read-times.ts';
import { Readers } from './readers.ts';

/** What one worker sees of the cluster: its readers, and in one worker of the load the heartbeat, in one file. */
export class Observing {
  readonly #lines: ObservationLines;
  readonly log: ReadLog;
  readonly times: ReadTimes;
  readonly #readers: Readers | undefined;
  readonly #heartbeat: Heartbeat | undefined;

  /** Undefined where this worker observes nothing. `signal`: ends it, at the latest with the load. */
  static of(
    spec: WorkerSpec,
    workload: Workload,
    tools: { readonly signal: AbortSignal; readonly sink: JournalSink },
  ): Observing | undefined {
    return spec.observes ? new Observing(spec, workload, tools) : undefined;
  }

  private constructor(
    spec: WorkerSpec,
    workload: Workload,
    { signal, sink }: { readonly signal: AbortSignal; readonly sink: JournalSink },
  ) {
    const share = Math.floor(mostBytes / spec.workers);
    this.#lines = new ObservationLines(sink, spec.context.runId, share);
    this.log = new ReadLog(this.#lines);
    this.times = new ReadTimes(this.#lines);
    this.#readers = Readers.of(spec, workload, {
      lines: this.#lines,
      log: this.log,
      times: this.times,
      signal,
    });
    this.#heartbeat = spec.isHome ? new Heartbeat(spec, this.#lines, signal) : undefined;
  }

  /** Resolves at the end of the load, when every line was handed over. */
  async run(clock: LoadClock): Promise<void> {
    this.times.start(clock);
    await Promise.all([this.#heartbeat?.run(clock), this.#readers?.run(clock)]);
    this.log.close();
    this.times.close();
    await this.#lines.close();
  }

  /** Resolves when no heartbeat is under way; readers go on. */
  async hold(): Promise<void> {
    await this.#heartbeat?.hold();
  }

  resume(): void {
    this.#heartbeat?.resume();
  }

  flush(): Promise<void> {
    return this.#lines.flush();
  }
}
