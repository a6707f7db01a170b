import type { RateProfile } from '../scenario/words/rate-profile.ts';
import { type Alarm, type MakeAlarm, timerAlarm } from './alarm.ts';
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
  /** Of the whole load; undefined: a closed loop. */
  readonly profile: Pick<RateProfile, 'dueUs' | 'offeredBy'> | undefined;
  /** Of the load's operations this pacer has numbers first, first + every, first + 2 * every, ...; not whole numbers. */
  readonly first: number;
  readonly every: number;
  /** The most that it hands out and does not get back; default: no limit. */
  readonly operations?: number | undefined;
  /** What wakes a schedule; default: a timer. */
  readonly makeAlarm?: MakeAlarm | undefined;
}

export function makePacer(options: PacingOptions): Pacer {
  const { profile } = options;
  return profile === undefined ? new ClosedLoop(options) : new OpenLoop({ ...options, profile });
}

/** Every connection starts its next operation as soon as the last one is answered. */
class ClosedLoop implements Pacer {
  readonly #options: PacingOptions;
  #taken = 0;
  #isHeld = false;
  #isOver = false;

  constructor(options: PacingOptions) {
    this.#options = options;
  }

  turn(): Given {
    const { clock, durationUs, operations = Infinity } = this.#options;
    if (this.#isOver || clock.nowUs() >= durationUs) return undefined;
    if (this.#isHeld) return 'held';
    if (this.#taken >= operations) return undefined;
    this.#taken++;
    return 'now';
  }

  giveBack(): void {
    this.#taken--;
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
 * Of a schedule whose operations are due faster than this, those that became due meanwhile start together: to wake for each of
 * thousands a second takes more CPU than to send it, and takes it from the server where both are on one machine.
 */
const togetherUs = 1_000;

/**
 * The profile says when each operation of the whole load is due; of several processes each takes every n-th. Whichever
 * connection is free takes the next intended start. The schedule never waits for the database: after an outage the backlog is
 * worked off as fast as the connections can, every operation of it measured from its intended start, so that the outage is seen
 * by all the operations it delayed. What has not started when the load ends was never attempted. The backlog is a
 * difference of two counters, so it takes no memory.
 */
class OpenLoop implements Pacer {
  readonly #options: PacingOptions & { readonly profile: NonNullable<PacingOptions['profile']> };
  #waiting: ((turn: Given) => void)[] = [];
  /** At most one per connection. */
  #returned: number[] = [];
  #taken = 0;
  #heldSinceUs: number | undefined;
  /** Total time held so far: the schedule is later by this. */
  #heldUs = 0;
  readonly #alarm: Alarm;
  #isArmed = false;
  /** When waiting connections last got their operations. */
  #dealtUs = -Infinity;
  #isOver = false;

  constructor(
    options: PacingOptions & { readonly profile: NonNullable<PacingOptions['profile']> },
  ) {
    this.#options = options;
    this.#alarm = (options.makeAlarm ?? timerAlarm)(() => this.#dealOut());
  }

  turn(): Given | Promise<Given> {
    const nowUs = this.#options.clock.nowUs();
    if (this.#isOver || nowUs >= this.#options.durationUs) return undefined;
    if (this.#heldSinceUs !== undefined) return 'held';
    const next = this.#take(nowUs);
    if (next !== undefined) return next;
    if (this.#isSpent()) return undefined;
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
    const { clock, durationUs, profile, first, every, operations = Infinity } = this.#options;
    const untilUs = Math.min(this.#heldSinceUs ?? clock.nowUs(), durationUs) - this.#heldUs;
    const due = Math.ceil((profile.offeredBy(untilUs) - first) / every);
    return Math.max(0, Math.min(due, operations) - this.#taken) + this.#returned.length;
  }

  hold(): void {
    if (this.#isOver || this.#heldSinceUs !== undefined) return;
    this.#heldSinceUs = this.#options.clock.nowUs();
    this.#disarm();
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
    this.#dismiss();
  }

  /** Every operation is handed out; one that is given back is taken again by the connection that gave it. */
  #isSpent(): boolean {
    return this.#taken >= (this.#options.operations ?? Infinity);
  }

  #take(nowUs: number): Turn | undefined {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    if (this.#isSpent()) return undefined;
    const intendedUs = this.#intendedUs();
    if (intendedUs > nowUs || intendedUs >= this.#options.durationUs) return undefined;
    this.#taken++;
    if (this.#isSpent()) this.#dismiss();
    return intendedUs;
  }

  #intendedUs(): number {
    const { profile, first, every } = this.#options;
    return this.#heldUs + profile.dueUs(first + this.#taken * every);
  }

  /** Those that wait get nothing any more. */
  #dismiss(): void {
    this.#disarm();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #disarm(): void {
    if (this.#isArmed) this.#alarm.clear();
    this.#isArmed = false;
  }

  /** One alarm for all waiting connections. What it is late counts as waiting. */
  #arm(nowUs: number): void {
    if (this.#isArmed || this.#isOver || this.#waiting.length === 0) return;
    const dueUs = Math.min(this.#intendedUs(), this.#options.durationUs);
    const nextUs = Math.max(dueUs, this.#dealtUs + togetherUs);
    const restMs = this.#returned.length > 0 ? 0 : (nextUs - nowUs) / 1000;
    this.#isArmed = true;
    this.#alarm.set(restMs);
  }

  #dealOut(): void {
    this.#isArmed = false;
    const nowUs = this.#options.clock.nowUs();
    if (nowUs >= this.#options.durationUs) {
      this.end();
      return;
    }
    this.#dealtUs = nowUs;
    for (let waits = this.#waiting.shift(); waits; waits = this.#waiting.shift()) {
      const next = this.#take(nowUs);
      if (next === undefined) {
        this.#waiting.unshift(waits);
        break;
      }
      waits(next);
    }
    this.#arm(nowUs);
  }
}
