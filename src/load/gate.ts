import type { Pacer, Turn } from './pacing.ts';

/** `allowed`: let through while the rest is held. */
export type GateTurn = Turn | 'allowed';

/**
 * Between the connections and the pacer: counts operations in progress, and while the load is held, lets the allowed ones
 * through one by one.
 */
export class Gate {
  readonly #pacer: Pacer;
  readonly #parked: (() => void)[] = [];
  /** Turns handed out, neither settled nor given back. */
  #underWay = 0;
  /** Allowed, not started by any connection yet. */
  #allowed = 0;
  /** Allowed, and without an outcome yet. */
  #owed = 0;
  #whenIdle: (() => void)[] = [];
  #whenPaid: (() => void)[] = [];
  #holding = new AbortController();

  constructor(pacer: Pacer) {
    this.#pacer = pacer;
  }

  /** Aborted while the load is held: what would wait for long before its next attempt ends without it. */
  get holding(): AbortSignal {
    return this.#holding.signal;
  }

  /** undefined: the load is over. Every turn must be settled or given back. */
  async turn(): Promise<GateTurn | undefined> {
    for (;;) {
      const given = await this.#pacer.turn();
      if (given === undefined) return undefined;
      if (given !== 'held' || this.#allowed > 0) {
        if (given === 'held') this.#allowed--;
        this.#underWay++;
        return given === 'held' ? 'allowed' : given;
      }
      await new Promise<void>((resolve) => this.#parked.push(resolve));
    }
  }

  /** Called when the operation of this turn has its outcome. */
  settled(turn: GateTurn): void {
    this.#leave();
    if (turn !== 'allowed') return;
    this.#owed--;
    this.#tellIfPaid();
  }

  /** Called when a connection broke before the start: another connection takes the turn. */
  giveBack(turn: GateTurn): void {
    if (turn === 'allowed') {
      this.#allowed++;
      this.#wake();
    } else {
      this.#pacer.giveBack(turn);
    }
    this.#leave();
  }

  /** Nothing starts from now on; resolves when nothing is in progress. Allowed operations that have not started are void. */
  async hold(): Promise<void> {
    this.#pacer.hold();
    this.#holding.abort();
    this.#voidAllowed();
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** While held: resolves when this many more operations have their outcome, or are void by `hold` or `resume`; never if by `end`. */
  async allow(operations: number): Promise<void> {
    this.#allowed += operations;
    this.#owed += operations;
    this.#wake();
    if (this.#owed > 0) await new Promise<void>((resolve) => this.#whenPaid.push(resolve));
  }

  resume(): void {
    this.#pacer.resume();
    this.#holding = new AbortController();
    this.#voidAllowed();
    this.#tellIdle();
    this.#wake();
  }

  overdue(): number {
    return this.#pacer.overdue();
  }

  end(): void {
    this.#pacer.end();
    // The caller of `allow` must not take them for done: it hears of the load's end by itself.
    if (this.#allowed > 0) this.#whenPaid.length = 0;
    this.#voidAllowed();
    this.#wake();
  }

  #voidAllowed(): void {
    this.#owed -= this.#allowed;
    this.#allowed = 0;
    this.#tellIfPaid();
  }

  #leave(): void {
    this.#underWay--;
    if (this.#underWay === 0) this.#tellIdle();
  }

  #tellIdle(): void {
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #tellIfPaid(): void {
    if (this.#owed === 0) for (const tell of this.#whenPaid.splice(0)) tell();
  }

  #wake(): void {
    for (const look of this.#parked.splice(0)) look();
  }
}
