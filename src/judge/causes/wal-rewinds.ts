/** A moment at which a server wrote at positions again that it had been past: it came back without the end of its WAL. */
export interface Setback {
  /** Microseconds since the start of the load: what was answered later was not taken back by it. */
  readonly atUs: number;
  /** Least insert position after it. */
  readonly lsn: number;
}

const STEP_US = 10_000;
/** Closer than this to each other they are one restart. */
const RESTART_US = 100_000;

/**
 * On one server and timeline an operation that was sent after another was answered has the higher position, unless the
 * server forgot the other in between. Kept by hundredths of a second, so that journals may come in any order.
 */
export class SetbackLog {
  /** Of each step: the least position sent within it and the highest answered within it, and when. */
  readonly #leastSent: number[] = [];
  readonly #sentUs: number[] = [];
  readonly #mostAnswered: number[] = [];
  readonly #answeredUs: number[] = [];

  observe(sentUs: number, answeredUs: number, lsn: number): void {
    const sent = stepOf(sentUs);
    if (lsn < (this.#leastSent[sent] ?? Infinity)) {
      this.#leastSent[sent] = lsn;
      this.#sentUs[sent] = sentUs;
    }
    const answered = stepOf(answeredUs);
    if (lsn > (this.#mostAnswered[answered] ?? 0)) {
      this.#mostAnswered[answered] = lsn;
      this.#answeredUs[answered] = answeredUs;
    }
  }

  setbacks(): readonly Setback[] {
    const found: Setback[] = [];
    let reached = 0;
    for (let step = 0; step < this.#leastSent.length; step++) {
      const lsn = this.#leastSent[step] ?? Infinity;
      const answered = this.#mostAnswered[step] ?? 0;
      // Whether another answer of this very step came before or after is unknown: later steps compare.
      const isWithin = this.#isSetBackWithin(step);
      if (isWithin || lsn < reached) {
        note(found, { atUs: isWithin ? (this.#sentUs[step] ?? 0) : step * STEP_US, lsn });
        reached = lsn;
      }
      if (!isWithin) reached = Math.max(reached, answered);
    }
    return found;
  }

  /** A server that restarts in place within one step leaves the two extremes on either side of it. */
  #isSetBackWithin(step: number): boolean {
    const lsn = this.#leastSent[step] ?? Infinity;
    const isLower = lsn < (this.#mostAnswered[step] ?? 0);
    return isLower && (this.#sentUs[step] ?? 0) > (this.#answeredUs[step] ?? Infinity);
  }
}

function stepOf(atUs: number): number {
  return Math.max(0, Math.floor(atUs / STEP_US));
}

function note(found: Setback[], setback: Setback): void {
  const last = found.at(-1);
  if (!last || setback.atUs - last.atUs >= RESTART_US) found.push(setback);
  else found[found.length - 1] = { atUs: last.atUs, lsn: Math.min(last.lsn, setback.lsn) };
}
