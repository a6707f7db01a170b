/** Faults, heals and readings of the topology wait for the same timers. */
const tickMs = 50;

/** How late this process's timers come: since it began, and in each taking beyond that. Milliseconds. */
export class Disturbance implements Disposable {
  readonly #mostMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #takings = new Set<DisturbanceOfTaking>();
  #lastMs = performance.now();
  #beforeMs = 0;

  /** `mostMs`: a taking during which a timer comes later than that, beyond what one did before, is to end. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  begin(): DisturbanceOfTaking {
    this.#tick();
    const taking = new DisturbanceOfTaking(this.#beforeMs, this.#mostMs);
    this.#takings.add(taking);
    return taking;
  }

  end(taking: DisturbanceOfTaking): void {
    this.#tick();
    this.#takings.delete(taking);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - this.#lastMs - tickMs);
    this.#lastMs = nowMs;
    if (this.#takings.size === 0) this.#beforeMs = Math.max(this.#beforeMs, lateMs);
    for (const taking of this.#takings) taking.timerWasLate(lateMs);
  }
}

export class DisturbanceOfTaking {
  readonly #beforeMs: number;
  readonly #mostMs: number;
  readonly #stop = new AbortController();
  #laterMs = 0;

  constructor(beforeMs: number, mostMs: number) {
    this.#beforeMs = beforeMs;
    this.#mostMs = mostMs;
  }

  /** Aborted with the reason, an Error, when the taking disturbs the run. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** How much later than before the latest timer came. */
  get laterMs(): number {
    return this.#laterMs;
  }

  timerWasLate(lateMs: number): void {
    this.#laterMs = Math.max(this.#laterMs, Math.round(lateMs - this.#beforeMs));
    if (this.#laterMs <= this.#mostMs) return;
    const why = `the run's own timers came ${this.#laterMs} ms later meanwhile than before, and the limit is ${this.#mostMs} ms`;
    this.#stop.abort(new Error(why));
  }
}
