import type { NemesisOptions } from './options.ts';
import { Walk } from './fault-step.ts';

export type { NemesisOptions } from './options.ts';

export interface Nemesis extends AsyncDisposable {
  /** Settles when every step is injected and those with an end are healed; rejects at the first that fails. */
  readonly done: Promise<void>;
  /**
   * Heals what is still in force, newest first. Returns one sentence per heal that failed, and per step that was still
   * pending at the end of the load.
   */
  heal(): Promise<readonly string[]>;
}

/** Runs the plan's fault steps: wait, resolve target, inject, hold, heal; journals each with planned and actual time. */
export function startNemesis(options: NemesisOptions): Nemesis {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const walks = new Map(options.steps.map((step) => [step.id, new Walk(step, options)]));
  let hasFailed = false;
  const walking = [...walks.values()].map((walk) => walk.go(walks, signal));
  const done = Promise.all(walking).then(() => undefined);
  done.catch(() => (hasFailed = true));
  const heal = async (): Promise<readonly string[]> => {
    const wasCutShort = hasFailed || signal.aborted;
    const late = [...walks.values()].flatMap((walk) => walk.overtaken() ?? []);
    stop.abort(new Error('the nemesis was stopped'));
    await Promise.allSettled(walking);
    const inForce = [...walks.values()].flatMap((walk) => walk.takeInjection() ?? []);
    const newestFirst = inForce.toSorted((a, b) => b.injectedAtMs - a.injectedAtMs);
    for (const injection of newestFirst) await injection.heal();
    return [...(wasCutShort ? [] : late), ...inForce.flatMap(({ failure }) => failure ?? [])];
  };
  return {
    done,
    heal,
    [Symbol.asyncDispose]: async () => {
      await heal();
    },
  };
}
