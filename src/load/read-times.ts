import { LatencyRecorder } from '../evidence/figures/latency-recorder.ts';
import type { ReadTimesLine } from '../evidence/observations/format.ts';
import type { ObservationLines } from '../evidence/observations/lines.ts';
import type { LoadClock } from './clock.ts';

const lookEveryMs = 50;

export interface TimedRead {
  readonly by: 'reader' | 'client';
  readonly group?: string;
  /** When it was due; absent: as soon as there was a client for it. */
  readonly dueUs?: number;
  readonly askedUs: number;
  readonly answeredUs: number;
  readonly isAnswered: boolean;
}

interface Second {
  readonly second: number;
  readonly read: Pick<TimedRead, 'by' | 'group'>;
  readonly latency: LatencyRecorder;
  readonly service: LatencyRecorder;
  answered: number;
  failed: number;
}

/** How long the reads of one worker took: a line per second and group, shortly after the second is over. */
export class ReadTimes {
  readonly #lines: Pick<ObservationLines, 'add'>;
  readonly #seconds = new Map<string, Second>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lines: Pick<ObservationLines, 'add'>) {
    this.#lines = lines;
  }

  start(clock: LoadClock): void {
    this.#timer = setInterval(() => this.#write(secondOf(clock.nowUs())), lookEveryMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#write(Infinity);
  }

  note({ by, group, dueUs, askedUs, answeredUs, isAnswered }: TimedRead): void {
    const second = secondOf(answeredUs);
    const key = `${second} ${by} ${group ?? ''}`;
    const known =
      this.#seconds.get(key) ?? newSecond(second, { by, ...(group !== undefined && { group }) });
    this.#seconds.set(key, known);
    if (!isAnswered) {
      known.failed++;
      return;
    }
    known.answered++;
    known.latency.record(answeredUs - Math.min(dueUs ?? askedUs, askedUs));
    known.service.record(answeredUs - askedUs);
  }

  /** Those that are over. */
  #write(now: number): void {
    for (const [key, { second, read, answered, failed, latency, service }] of this.#seconds) {
      if (second >= now) continue;
      const line: ReadTimesLine = {
        readSecond: second,
        ...read,
        answered,
        failed,
        latency: latency.packed(),
        service: service.packed(),
      };
      this.#lines.add(line);
      this.#seconds.delete(key);
    }
  }
}

function newSecond(second: number, read: Second['read']): Second {
  const recorders = {
    latency: new LatencyRecorder('stored'),
    service: new LatencyRecorder('stored'),
  };
  return { second, read, ...recorders, answered: 0, failed: 0 };
}

function secondOf(us: number): number {
  return Math.max(0, Math.floor(us / 1_000_000));
}
