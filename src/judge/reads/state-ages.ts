import type { Beat } from '../../contracts/observation.ts';

export interface Age {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/**
 * How old a state is that shows every heartbeat up to one and none after it, for a read that was sent at some moment: the time
 * since the oldest acknowledged write was acknowledged that it does not show. 0 if it shows all that were acknowledged by then.
 * At least: by the next acknowledged heartbeat. At most: any write that it does not show was committed after its newest
 * heartbeat, and that after the heartbeat was sent; none was acknowledged before the first acknowledgement since.
 */
export class StateAges {
  readonly #beats: readonly Beat[];
  /** For each beat: when the first acknowledged one from there on was acknowledged; Infinity: none was. */
  readonly #acknowledgedFrom: readonly number[];
  readonly #beginMs: number;
  readonly #firstWriteFrom: (fromMs: number) => number;

  /**
   * `beats`: in order of their number. `beginMs`: of the load. `firstWriteFrom`: when the first write from a moment on was
   * acknowledged; Infinity: none was.
   */
  constructor(
    beats: readonly Beat[],
    beginMs: number,
    firstWriteFrom: (fromMs: number) => number = (fromMs) => fromMs,
  ) {
    this.#beats = beats;
    this.#beginMs = beginMs;
    this.#firstWriteFrom = firstWriteFrom;
    const from = new Array<number>(beats.length + 1).fill(Infinity);
    for (let index = beats.length - 1; index >= 0; index--) {
      const beat = beats[index];
      const own = beat?.outcome === 'acknowledged' ? beat.answeredMs : Infinity;
      from[index] = Math.min(own, from[index + 1] ?? Infinity);
    }
    this.#acknowledgedFrom = from;
  }

  ageOf(beat: number, sentMs: number): Age {
    const next = this.#firstAfter(beat);
    const shownMs = this.#acknowledgedFrom[next] ?? Infinity;
    const anyMs = Math.min(shownMs, this.#firstWriteFrom(this.writtenMs(beat)));
    return { atLeastMs: Math.max(0, sentMs - shownMs), atMostMs: Math.max(0, sentMs - anyMs) };
  }

  /** When the state's newest heartbeat was sent, or the last one before it of which that is known. */
  writtenMs(beat: number): number {
    return this.#beats[this.#firstAfter(beat) - 1]?.sentMs ?? this.#beginMs;
  }

  /** Index of the first beat with a higher number. */
  #firstAfter(beat: number): number {
    let [low, high] = [0, this.#beats.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#beats[middle]?.beat ?? 0) <= beat) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
