import { Counter, Gauge, type Registry } from 'prom-client';
import type { StoredLine } from '../contracts/downstream.ts';
import { lsnNumber } from '../std/units/lsn.ts';

/** What Prometheus scrapes of the run's consumers, by what they say of themselves. Names and labels are in docs/load.md. */
export class ConsumerMetrics {
  readonly #up: Gauge<'consumer'>;
  readonly #lag: Gauge<'consumer'>;
  readonly #confirmed: Gauge<'consumer'>;
  readonly #stagedBatches: Gauge<'consumer'>;
  readonly #stagedBytes: Gauge<'consumer'>;
  readonly #batches: Counter<'consumer'>;
  readonly #changes: Counter<'consumer'>;
  readonly #retries: Counter<'consumer'>;
  readonly #gaps: Counter<'consumer'>;
  /** Failed attempts that its process has told so far. */
  readonly #failedAttempts = new Map<string, number>();

  constructor(registry: Registry) {
    const named = (name: string, help: string) => ({
      name: `forkpoint_consumer_${name}`,
      help,
      labelNames: ['consumer'] as const,
      registers: [registry],
    });
    this.#up = new Gauge(named('up', '1 while the process of the consumer runs'));
    this.#lag = new Gauge(
      named(
        'lag_seconds',
        "Age of the oldest change that it has received and that is not in its sink, by the source's clock",
      ),
    );
    this.#confirmed = new Gauge(named('confirmed_lsn', 'What its sink has committed, in bytes'));
    this.#stagedBatches = new Gauge(named('staged_batches', 'Batches that wait for its sink'));
    this.#stagedBytes = new Gauge(named('staged_bytes', 'Their bytes on its disk'));
    this.#batches = new Counter(named('batches_total', 'Batches that its sink has committed'));
    this.#changes = new Counter(named('changes_total', 'Changes in these batches'));
    this.#retries = new Counter(
      named('retries_total', 'Attempts at its source and its sink that failed and are repeated'),
    );
    this.#gaps = new Counter(named('gaps_total', 'Ranges of WAL that it cannot deliver'));
  }

  line(consumer: string, line: StoredLine): void {
    if (line.type === 'delivered') {
      this.#batches.inc({ consumer });
      this.#changes.inc({ consumer }, line.changes);
    }
    // A second process of it has a state of its own.
    if (line.isSecond) return;
    switch (line.type) {
      case 'started':
        this.#up.set({ consumer }, 1);
        this.#failedAttempts.set(consumer, 0);
        return;
      case 'ended':
        this.#up.set({ consumer }, 0);
        this.#lag.remove({ consumer });
        return;
      case 'frozen':
        // It says nothing now, and its last lag would look like its present one.
        this.#lag.remove({ consumer });
        return;
      case 'gap':
        this.#gaps.inc({ consumer });
        return;
      case 'state': {
        const { confirmedLsn, stagedBatches, stagedBytes, failedAttempts, lagMs } = line;
        this.#confirmed.set({ consumer }, lsnNumber(confirmedLsn));
        this.#stagedBatches.set({ consumer }, stagedBatches);
        this.#stagedBytes.set({ consumer }, stagedBytes);
        this.#retries.inc(
          { consumer },
          Math.max(0, failedAttempts - (this.#failedAttempts.get(consumer) ?? 0)),
        );
        this.#failedAttempts.set(consumer, failedAttempts);
        if (lagMs === undefined) this.#lag.remove({ consumer });
        else this.#lag.set({ consumer }, lagMs / 1000);
        return;
      }
      default:
    }
  }
}
