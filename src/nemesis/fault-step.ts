import type { FaultStep, Wait } from '../contracts/scenario.ts';
import { HarnessBug } from '../std/errors.ts';
import { formatState } from '../std/units/units.ts';
import { monotonicMs, sleepUntil } from '../std/wait.ts';
import { awaitState, momentOf } from './await-state.ts';
import { Injection } from './injection.ts';
import type { NemesisOptions } from './options.ts';
import type { Moment } from './awaited-state.ts';

export type Walks = ReadonlyMap<string, Walk>;

/** The progress of one step: the step it follows, the state it waits for, its injection, its end. */
export class Walk {
  readonly #step: FaultStep;
  readonly #options: NemesisOptions;
  readonly #injected = Promise.withResolvers<Moment>();
  #injection: Injection | undefined;
  #isTaken = false;
  /** What the step still waits for besides time and its healing; undefined: nothing. */
  #pending: string | undefined = 'its time';

  constructor(step: FaultStep, options: NemesisOptions) {
    this.#step = step;
    this.#options = options;
    this.#injected.promise.catch(() => undefined);
  }

  /** Settles when the step is injected, and healed if it has an end. */
  async go(walks: Walks, signal: AbortSignal): Promise<void> {
    try {
      await this.#walk(walks, signal);
    } catch (error) {
      this.#injected.reject(error);
      throw error;
    }
  }

  /** What was still pending at the end of the load, in a sentence; undefined when all went as planned. */
  overtaken(): string | undefined {
    if (this.#pending === undefined) return undefined;
    const was = this.targets === undefined ? 'never injected: the' : 'the';
    return `${this.#step.id}: ${was} load ended while it waited for: ${this.#pending}`;
  }

  /** Of its injection; undefined before it. */
  get targets(): readonly string[] | undefined {
    return this.#injection?.targets;
  }

  /** Hands over its injection to be healed, once. */
  takeInjection(): Injection | undefined {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    return this.#injection;
  }

  async #walk(walks: Walks, signal: AbortSignal): Promise<void> {
    const step = this.#step;
    const options = this.#options;
    const since = await this.#origin(walks, signal);
    const plannedAtMs = since.atMs + step.atMs;
    const targetsOf = (id: string) => walks.get(id)?.targets;
    const wait = async (which: 'when' | 'until', asked: Wait, from: Moment): Promise<void> => {
      this.#pending = formatState(asked.state);
      await awaitState(asked, options, { step, which, since: from, signal, targetsOf });
    };
    if (step.when) {
      await sleepUntil(plannedAtMs, signal);
      await wait('when', step.when, since);
    }
    const notBeforeMs = step.when ? monotonicMs() : plannedAtMs;
    this.#pending = 'its injection';
    this.#injection = new Injection(step, options, {
      plannedAtMs,
      notBeforeMs,
      targetsOf,
      isMomentNeeded: step.until !== undefined || this.#isWaitedFrom(),
    });
    const moment = await this.#injection.inject(signal);
    this.#pending = undefined;
    this.#injected.resolve(moment);
    if (step.until) await wait('until', step.until, moment);
    else if (step.holdMs !== undefined) await sleepUntil(moment.atMs + step.holdMs, signal);
    else return;
    this.#pending = undefined;
    await this.#injection.heal();
  }

  /** The moment that its times are counted from. */
  async #origin(walks: Walks, signal: AbortSignal): Promise<Moment> {
    const { after, when } = this.#step;
    const { loadStartMs } = this.#options;
    if (after === undefined) {
      if (!when) return { ...noTopologyYet, atMs: loadStartMs };
      return { ...(await momentOf(this.#options, signal)), atMs: loadStartMs };
    }
    this.#pending = `the injection of ${after}`;
    const before = walks.get(after);
    if (!before) throw new HarnessBug(`${this.#step.id}: there is no fault with the id ${after}`);
    return before.#injected.promise;
  }

  /** Whether another step counts its awaited state from this one's injection. */
  #isWaitedFrom(): boolean {
    return this.#options.steps.some(({ after, when }) => when && after === this.#step.id);
  }
}

const noTopologyYet = {
  topology: { syncStandbys: [], members: [], isPaused: false },
  acknowledged: 0,
};
