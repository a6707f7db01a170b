/** A moment at which a server wrote at positions again that it had been past: it came back without the end of its WAL. */
export interface Setback {
  /** Microseconds since the start of the load: what was answered later was not taken back by it. */
  readonly atUs: number;
  /** Least insert position after it. */
  readonly lsn: number;
}

const STEP_US = 100_000;

/**
 * On one server and timeline an operation that was sent after another was answered has the higher position, unless the
 * server forgot the other in between. Kept by tenths of a second, so that journals may come in any order.
 */
export class SetbackLog {
  readonly #leastSent: number[] = [];
  readonly #mostAnswered: number[] = [];

  observe(sentUs: number, answeredUs: number, lsn: number): void {
    const sent = Math.max(0, Math.floor(sentUs / STEP_US));
    const answered = Math.max(0, Math.floor(answeredUs / STEP_US));
    this.#leastSent[sent] = Math.min(this.#leastSent[sent] ?? Infinity, lsn);
    this.#mostAnswered[answered] = Math.max(this.#mostAnswered[answered] ?? 0, lsn);
  }

  setbacks(): readonly Setback[] {
    const found: Setback[] = [];
    let reached = 0;
    for (let step = 0; step < this.#leastSent.length; step++) {
      const lsn = this.#leastSent[step] ?? Infinity;
      // What was answered in this very step may have been before or after: later steps compare with it.
      if (lsn < reached) {
        found.push({ atUs: step * STEP_US, lsn });
        reached = lsn;
      }
      reached = Math.max(reached, this.#mostAnswered[step] ?? 0);
    }
    return found;
  }
}
