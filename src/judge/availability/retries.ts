import type { Retries } from '../../contracts/result.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** What clients sent again. */
export class RetryLog implements JournalVisitor {
  #operations = 0;
  #retried = 0;
  #gaveUp = 0;
  #pausedUs = 0;

  attempt(cursor: RecordCursor): void {
    this.#retried++;
    this.#pausedUs += cursor.waitedUs;
  }

  records({ length, outcome }: RecordBatch): void {
    this.#operations += length;
    for (let index = 0; index < length; index++) {
      if ((outcome[index] ?? OUTCOME.indeterminate) > OUTCOME.localOnly) this.#gaveUp++;
    }
  }

  counts(): Retries {
    return {
      attempts: this.#operations + this.#retried,
      retried: this.#retried,
      gaveUp: this.#gaveUp,
      pausedMs: Math.round(this.#pausedUs / 1000),
    };
  }
}
