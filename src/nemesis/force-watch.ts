import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../std/errors.ts';
import { monotonicMs } from '../std/wait.ts';

/** Why it is no longer in force, in words; undefined: it is. Errors: nobody could see. */
export type Look = (signal: AbortSignal) => Promise<string | undefined>;

const everyMs = 2_000;
/** A process that only passes by is no end of a fault. */
const againMs = 500;
const lastLookTimeoutMs = 20_000;

interface Lapse {
  readonly why: string;
  /** On `monotonicMs`: when it was last seen in force, and when first not. */
  readonly seenAtMs: number;
  readonly goneAtMs: number;
}

/** Looks whether a fault that others can undo is in force still, until it is healed. */
export class ForceWatch {
  readonly #look: Look;
  readonly #stopped = new AbortController();
  readonly #watching: Promise<void>;
  #seenAtMs = monotonicMs();
  #lapse: Lapse | undefined;

  constructor(look: Look) {
    this.#look = look;
    this.#watching = this.#watch();
  }

  /** Looks a last time. Returns a sentence when it was not in force until now, or nobody can say; `originMs`: its time 0. */
  async end(originMs: number): Promise<string | undefined> {
    this.#stopped.abort();
    await this.#watching;
    if (!this.#lapse) {
      const failure = await this.#lastLook();
      if (failure !== undefined)
        return `nobody could see whether it was still in force: ${failure}`;
    }
    if (!this.#lapse) return undefined;
    const { why, seenAtMs, goneAtMs } = this.#lapse;
    const seconds = (ms: number) => `${((ms - originMs) / 1000).toFixed(1)} s`;
    return `in force until ${seconds(seenAtMs)} and gone at ${seconds(goneAtMs)}, before it was healed: ${why}`;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && !this.#lapse) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      // Who is down now may be back, with what is asked about, when it is healed.
      await this.#once(signal).catch(() => undefined);
    }
  }

  /** Waits for a server that starts just now. Returns why nobody could see. */
  async #lastLook(): Promise<string | undefined> {
    const signal = AbortSignal.timeout(lastLookTimeoutMs);
    let failure: string | undefined;
    while (!signal.aborted) {
      try {
        await this.#once(signal);
        return undefined;
      } catch (error) {
        failure = messageOf(error);
        await sleep(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return failure;
  }

  async #once(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const first = await this.#look(signal);
    const atMs = monotonicMs();
    if (first !== undefined) await sleep(againMs);
    const why = first === undefined ? undefined : await this.#look(signal);
    if (why === undefined) this.#seenAtMs = atMs;
    else this.#lapse = { why, seenAtMs: this.#seenAtMs, goneAtMs: atMs };
  }
}
