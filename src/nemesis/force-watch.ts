import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../std/errors.ts';
import { monotonicMs } from '../std/wait.ts';

/** Why the fault is no longer in force, in words; undefined: it is. Errors: it cannot be found out. */
export type Look = (signal: AbortSignal) => Promise<string | undefined>;

const everyMs = 2_000;
/** A process that exists only for a moment is not the end of a fault. */
const againMs = 500;
const lastLookTimeoutMs = 20_000;

interface Lapse {
  readonly why: string;
  /** On `monotonicMs`: the last time it was seen in force, and the first time not. */
  readonly seenAtMs: number;
  readonly goneAtMs: number;
}

/** Polls whether a fault that others can undo is still in force, until it is healed. */
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

  /** Polls a last time. Returns a sentence when it was not in force until now, or when that is unknown; `originMs`: its time 0. */
  async end(originMs: number): Promise<string | undefined> {
    this.#stopped.abort();
    await this.#watching;
    if (!this.#lapse) {
      const failure = await this.#lastLook();
      if (failure !== undefined) return `unknown whether it was still in force: ${failure}`;
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
      // A node that is down now may be back, with the fault in force, when it is healed.
      await this.#once(signal).catch(() => undefined);
    }
  }

  /** Waits for a server that is just starting. Returns why the state is unknown. */
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
