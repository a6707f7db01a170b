import type { LoadClock } from './clock.ts';

/** When an operation was to start: at once (closed loop), or at a moment in microseconds since the origin. */
export type Turn = 'now' | number;

/** Says when the next operation may start. */
export interface Pacer {
  /** undefined: the load is over. A connection asks when it is free. */
  turn(): Turn | undefined | Promise<Turn | undefined>;
  /** The connection broke before it could start: another one takes the turn. */
  giveBack(turn: Turn): void;
  /** Intended starts that are overdue and not taken. */
  overdue(): number;
  end(): void;
}

export interface PacingOptions {
  readonly clock: LoadClock;
  readonly durationUs: number;
  readonly ratePerSecond: number | undefined;
  /** This process's place among those the schedule is dealt out to. */
  readonly worker: number;
  readonly workers: number;
}

export function makePacer(options: PacingOptions): Pacer {
  const { ratePerSecond } = options;
  return ratePerSecond === undefined
    ? new ClosedLoop(options)
    : new OpenLoop({ ...options, ratePerSecond });
}

/** Every connection starts its next operation as soon as the last one is answered. */
class ClosedLoop implements Pacer {
  readonly #options: PacingOptions;
  #isOver = false;

  constructor(options: PacingOptions) {
    this.#options = options;
  }

  turn(): Turn | undefined {
    const { clock, durationUs } = this.#options;
    return this.#isOver || clock.nowUs() >= durationUs ? undefined : 'now';
  }

  giveBack(): void {
    // There is no schedule to keep.
  }

  overdue(): number {
    return 0;
  }

  end(): void {
    this.#isOver = true;
  }
}

/**
 * Operation k of the whole load is intended at k / rate; worker w of n takes every n-th. Whichever connection is free
 * takes the next intended start. The schedule never waits for the database: after an outage the backlog is worked off
 * as fast as the connections can, every operation of it measured from its intended start, so that the outage is seen
 * by all the operations it delayed. What has not started when the load ends was never attempted. The backlog is a
 * difference of two counters, so it takes no memory.
 */
class OpenLoop implements Pacer {
  readonly #options: PacingOptions;
  readonly #intervalUs: number;
  readonly #firstUs: number;
  #waiting: ((turn: Turn | undefined) => void)[] = [];
  /** At most one per connection. */
  #returned: Turn[] = [];
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: PacingOptions & { readonly ratePerSecond: number }) {
    this.#options = options;
    this.#intervalUs = (1_000_000 / options.ratePerSecond) * options.workers;
    this.#firstUs = (1_000_000 / options.ratePerSecond) * options.worker;
  }

  turn(): Turn | undefined | Promise<Turn | undefined> {
    const nowUs = this.#options.clock.nowUs();
    if (this.#isOver || nowUs >= this.#options.durationUs) return undefined;
    const next = this.#take(nowUs);
    if (next !== undefined) return next;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arm(nowUs);
    });
  }

  giveBack(turn: Turn): void {
    this.#returned.push(turn);
    this.#arm(this.#options.clock.nowUs());
  }

  overdue(): number {
    const { clock, durationUs } = this.#options;
    const untilUs = Math.min(clock.nowUs(), durationUs);
    const intended = Math.max(0, Math.ceil((untilUs - this.#firstUs) / this.#intervalUs));
    return Math.max(0, intended - this.#taken) + this.#returned.length;
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #take(nowUs: number): Turn | undefined {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    const intendedUs = this.#intendedUs();
    if (intendedUs > nowUs || intendedUs >= this.#options.durationUs) return undefined;
    this.#taken++;
    return intendedUs;
  }

  #intendedUs(): number {
    return this.#firstUs + this.#taken * this.#intervalUs;
  }

  /** One timer for all waiting connections. A timer is up to 1 ms late; that too counts as waited. */
  #arm(nowUs: number): void {
    if (this.#timer || this.#isOver || this.#waiting.length === 0) return;
    const restMs = this.#returned.length > 0 ? 0 : (this.#intendedUs() - nowUs) / 1000;
    this.#timer = setTimeout(() => this.#dealOut(), Math.max(0, restMs));
  }

  #dealOut(): void {
    this.#timer = undefined;
    const nowUs = this.#options.clock.nowUs();
    if (nowUs >= this.#options.durationUs) {
      this.end();
      return;
    }
    while (this.#waiting.length > 0) {
      const next = this.#take(nowUs);
      if (next === undefined) break;
      this.#waiting.shift()?.(next);
    }
    this.#arm(nowUs);
  }
}
