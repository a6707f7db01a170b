import type { LoadClock } from './clock.ts';

/** The intended start of an operation: at once (closed loop), or at a time in microseconds since the origin. */
export type Turn = 'now' | number;

/** `held`: nothing starts now, ask again later. undefined: the load is over. */
export type Given = Turn | 'held' | undefined;

/** Decides when the next operation may start. */
export interface Pacer {
  /** Called by a connection when it is free. */
  turn(): Given | Promise<Given>;
  /** Called when a connection broke before the start: another connection takes the turn. */
  giveBack(turn: Turn): void;
  /** Intended starts that are overdue and not taken. */
  overdue(): number;
  /** Hands out nothing from now on; waiting connections get `held` at once. The schedule is paused. */
  hold(): void;
  /** Continues the paused schedule: operations are not late by the time held. Harmless when not held. */
  resume(): void;
  end(): void;
}

export interface PacingOptions {
  readonly clock: Pick<LoadClock, 'nowUs'>;
  readonly durationUs: number;
  readonly ratePerSecond: number | undefined;
  /** This process's index among those that share the schedule. */
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
  #isHeld = false;
  #isOver = false;

  constructor(options: PacingOptions) {
    this.#options = options;
  }

  turn(): Given {
    const { clock, durationUs } = this.#options;
    if (this.#isOver || clock.nowUs() >= durationUs) return undefined;
    return this.#isHeld ? 'held' : 'now';
  }

  giveBack(): void {
    // A closed loop has no schedule.
  }

  overdue(): number {
    return 0;
  }

  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    this.#isHeld = false;
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
  #waiting: ((turn: Given) => void)[] = [];
  /** At most one per connection. */
  #returned: number[] = [];
  #taken = 0;
  #heldSinceUs: number | undefined;
  /** Total time held so far: the schedule is later by this. */
  #heldUs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: PacingOptions & { readonly ratePerSecond: number }) {
    this.#options = options;
    this.#intervalUs = (1_000_000 / options.ratePerSecond) * options.workers;
    this.#firstUs = (1_000_000 / options.ratePerSecond) * options.worker;
  }

  turn(): Given | Promise<Given> {
    const nowUs = this.#options.clock.nowUs();
    if (this.#isOver || nowUs >= this.#options.durationUs) return undefined;
    if (this.#heldSinceUs !== undefined) return 'held';
    const next = this.#take(nowUs);
    if (next !== undefined) return next;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arm(nowUs);
    });
  }

  giveBack(turn: Turn): void {
    if (turn !== 'now') this.#returned.push(turn);
    this.#arm(this.#options.clock.nowUs());
  }

  overdue(): number {
    const { clock, durationUs } = this.#options;
    const untilUs = Math.min(this.#heldSinceUs ?? clock.nowUs(), durationUs);
    const intended = Math.ceil((untilUs - this.#firstUs - this.#heldUs) / this.#intervalUs);
    return Math.max(0, intended - this.#taken) + this.#returned.length;
  }

  hold(): void {
    if (this.#isOver || this.#heldSinceUs !== undefined) return;
    this.#heldSinceUs = this.#options.clock.nowUs();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve('held');
  }

  resume(): void {
    if (this.#heldSinceUs === undefined) return;
    const heldUs = this.#options.clock.nowUs() - this.#heldSinceUs;
    this.#heldSinceUs = undefined;
    this.#heldUs += heldUs;
    this.#returned = this.#returned.map((intendedUs) => intendedUs + heldUs);
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
    return this.#firstUs + this.#heldUs + this.#taken * this.#intervalUs;
  }

  /** One timer for all waiting connections. A timer is up to 1 ms late; that also counts as waiting. */
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
