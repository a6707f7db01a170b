import type { Judgement } from '../pg/outcome.ts';
import type { ClientStats, LoadStats } from './protocol.ts';

/** Counts the outcomes of one worker's operations. */
export class Tally {
  readonly #outcomes = { acknowledged: 0, localOnly: 0, failed: 0, indeterminate: 0 };
  readonly #errors = new Map<string, number>();
  #rows = 0;
  #maxLoopDelayMs = 0;

  count(judgement: Judgement, rows: number): void {
    const { outcome, sqlState } = judgement;
    this.#outcomes[outcome]++;
    if (outcome === 'acknowledged') this.#rows += rows;
    if (outcome === 'failed' || outcome === 'indeterminate') {
      this.#errors.set(sqlState, (this.#errors.get(sqlState) ?? 0) + 1);
    }
  }

  noteLoopDelay(ms: number): void {
    this.#maxLoopDelayMs = Math.max(this.#maxLoopDelayMs, ms);
  }

  /** An attempt whose operation is sent again. */
  countRetry({ sqlState }: Judgement): void {
    this.#errors.set(sqlState, (this.#errors.get(sqlState) ?? 0) + 1);
  }

  stats(now: ClientStats & Pick<LoadStats, 'groups'>): LoadStats {
    return {
      ...this.#outcomes,
      ...now,
      rows: this.#rows,
      errors: Object.fromEntries(this.#errors),
      maxLoopDelayMs: Math.round(this.#maxLoopDelayMs * 10) / 10,
    };
  }
}
