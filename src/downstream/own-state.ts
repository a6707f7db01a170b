import type { ConsumerStateLine } from '../contracts/downstream.ts';
import type { Batcher } from './batcher.ts';
import type { Outbox } from './outbox.ts';
import type { Staging } from './staging.ts';

/** What the consumer says of itself once a second. */
export class OwnState {
  /** Attempts at the source that failed. */
  failedAttempts = 0;
  /** Undefined while it reads no stream. */
  batcher: Pick<Batcher, 'sinceMs'> | undefined;
  readonly #outbox: Pick<Outbox, 'confirmed' | 'failedAttempts' | 'sinceMs' | 'waiting'>;
  readonly #staging: Pick<Staging, 'bytes'>;

  constructor(
    outbox: Pick<Outbox, 'confirmed' | 'failedAttempts' | 'sinceMs' | 'waiting'>,
    staging: Pick<Staging, 'bytes'>,
  ) {
    this.#outbox = outbox;
    this.#staging = staging;
  }

  /** `nowMs`: since 1970. */
  line(nowMs: number): ConsumerStateLine {
    const { confirmed, failedAttempts, sinceMs, waiting } = this.#outbox;
    const oldestMs = sinceMs ?? this.batcher?.sinceMs;
    // The clocks of two machines differ, and a change is not delivered before it was committed.
    const lagMs = oldestMs === undefined ? 0 : Math.max(0, Math.round(nowMs - oldestMs));
    return {
      type: 'state',
      confirmedLsn: confirmed.lsn,
      stagedBatches: waiting,
      stagedBytes: this.#staging.bytes,
      failedAttempts: this.failedAttempts + failedAttempts,
      ...(this.batcher && { lagMs }),
    };
  }
}
