import type { Cluster, Node } from './contracts/cluster.ts';
import type { RunEvent } from './contracts/evidence.ts';
import type { Fault, FaultContext, LoadControl, Undo } from './contracts/fault.ts';
import type { FaultStep } from './contracts/scenario.ts';
import { ClusterError, HarnessBug, isKnownError, messageOf } from './errors.ts';
import { seededRandom } from './random.ts';
import { resolveTargets } from './targets.ts';
import { applyUndo } from './undo.ts';
import { sleepUntil, monotonicMs } from './wait.ts';

/** Targets are looked up this long before the planned moment, so that asking costs no punctuality. */
const lookAheadMs = 250;
const undoTimeoutMs = 30_000;

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'atMs'> : never) : never;

export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly load: LoadControl;
  readonly steps: readonly FaultStep[];
  readonly faults: ReadonlyMap<string, Fault>;
  readonly seed: number;
  /** Start of the load on `monotonicMs`. */
  readonly loadStartMs: number;
  readonly signal: AbortSignal;
  emit(event: EventBody): void;
}

export interface Nemesis extends AsyncDisposable {
  /** Settles when every step is injected and those with a `for` are healed; rejects at the first that fails. */
  readonly done: Promise<void>;
  /** Heals what is still in force, newest first. Returns one sentence per heal that failed. */
  heal(): Promise<readonly string[]>;
}

/** Walks the plan's fault steps: resolve target, inject, hold, heal; journals each with planned and actual time. */
export function startNemesis(options: NemesisOptions): Nemesis {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const inForce: Injection[] = [];
  const injectedAt = new Map<string, PromiseWithResolvers<number>>();
  for (const step of options.steps) injectedAt.set(step.id, Promise.withResolvers<number>());
  for (const { promise } of injectedAt.values()) promise.catch(() => undefined);

  const walk = async (step: FaultStep): Promise<void> => {
    const before = step.after === undefined ? undefined : injectedAt.get(step.after);
    const fromMs = before ? await before.promise : options.loadStartMs;
    const injection = new Injection(step, options, fromMs + step.atMs);
    inForce.push(injection);
    injectedAt.get(step.id)?.resolve(await injection.inject(signal));
    if (step.holdMs === undefined) return;
    await sleepUntil(injection.injectedAtMs + step.holdMs, signal);
    await injection.heal();
  };
  const heal = async (): Promise<readonly string[]> => {
    stop.abort(new Error('the nemesis was stopped'));
    await Promise.allSettled(walks);
    const newestFirst = inForce.toSorted((a, b) => b.injectedAtMs - a.injectedAtMs);
    for (const injection of newestFirst) await injection.heal();
    return inForce.splice(0).flatMap(({ failure }) => failure ?? []);
  };
  const walks = options.steps.map(async (step) => {
    try {
      await walk(step);
    } catch (error) {
      injectedAt.get(step.id)?.reject(error);
      throw error;
    }
  });
  const done = Promise.all(walks).then(() => undefined);
  done.catch(() => undefined);
  return {
    done,
    heal,
    [Symbol.asyncDispose]: async () => {
      await heal();
    },
  };
}

/** One application of a fault to the nodes its target was at that moment. */
class Injection {
  injectedAtMs = 0;
  /** Why healing failed, once it has. */
  failure: string | undefined;
  private readonly undos = new AsyncDisposableStack();
  private isHealing: Promise<void> | undefined;
  private hasBegun = false;
  private readonly step: FaultStep;
  private readonly options: NemesisOptions;
  private readonly plannedAtMs: number;

  constructor(step: FaultStep, options: NemesisOptions, plannedAtMs: number) {
    this.step = step;
    this.options = options;
    this.plannedAtMs = plannedAtMs;
  }

  /** Returns the moment of injection on `monotonicMs`. */
  async inject(signal: AbortSignal): Promise<number> {
    const { step, options } = this;
    const fault = options.faults.get(step.fault);
    if (!fault) throw new HarnessBug(`${step.id}: no fault is called ${step.fault}`);
    await sleepUntil(this.plannedAtMs - lookAheadMs, signal);
    const random = seededRandom(options.seed, step.id);
    const targets = fault.targets === 'none' ? [] : await this.resolve(random, signal);
    await sleepUntil(this.plannedAtMs, signal);
    this.injectedAtMs = monotonicMs();
    this.hasBegun = true;
    const plannedAtMs = Math.round(this.plannedAtMs - options.loadStartMs);
    const names = targets.map(({ name }) => name);
    options.emit({ type: 'inject', id: step.id, fault: step.fault, targets: names, plannedAtMs });
    const context: FaultContext = {
      ...{ cluster: options.cluster, load: options.load, random, signal, id: step.id },
      undo: (taken) => this.register(taken),
    };
    try {
      const detail = await fault.inject(targets, step.params, context);
      options.emit({ type: 'injected', id: step.id, detail });
    } catch (error) {
      const where = names.length > 0 ? ` on ${names.join(', ')}` : '';
      // What a fault did not foresee is our bug; all else is how the cluster or the host took it.
      const Failure = isKnownError(error) ? ClusterError : HarnessBug;
      throw new Failure(`${step.id}: injecting ${step.fault}${where} failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return this.injectedAtMs;
  }

  /** On disk first: whoever heals after us must know of it before there is anything to heal. */
  private register(step: Undo): void {
    const { cluster, load } = this.options;
    this.options.emit({ type: 'undo', id: this.step.id, step });
    // Healing goes on when the run is interrupted: that is what it is for.
    this.undos.defer(() => {
      return applyUndo(step, { cluster, load, signal: AbortSignal.timeout(undoTimeoutMs) });
    });
  }

  heal(): Promise<void> {
    this.isHealing ??= this.healOnce();
    return this.isHealing;
  }

  private async healOnce(): Promise<void> {
    if (!this.hasBegun) return;
    const { options } = this;
    options.emit({ type: 'heal', id: this.step.id });
    try {
      await this.undos.disposeAsync();
      options.emit({ type: 'healed', id: this.step.id });
    } catch (error) {
      this.failure = `${this.step.id}: healing failed: ${messageOf(error)}`;
    }
  }

  private async resolve(random: () => number, signal: AbortSignal): Promise<readonly Node[]> {
    const { cluster } = this.options;
    const topology = await cluster.topology(signal);
    try {
      return resolveTargets(this.step.target, cluster.nodes, topology, random);
    } catch (error) {
      throw new ClusterError(`${this.step.id}: ${messageOf(error)}`, { cause: error });
    }
  }
}
