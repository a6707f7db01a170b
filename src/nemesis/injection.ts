import type { Machine, Proof, Topology } from '../contracts/cluster.ts';
import type { Fault, FaultContext, Undo } from '../contracts/fault.ts';
import type { Json } from '../contracts/json.ts';
import type { FaultStep } from '../contracts/scenario.ts';
import {
  ClusterError,
  HarnessBug,
  isKnownError,
  lacks,
  messageOf,
  NotCarriedOut,
} from '../std/errors.ts';
import { seededRandom } from '../std/random.ts';
import { resolveDcsTargets } from './resolve-dcs-targets.ts';
import { resolveTargets, type TargetContext } from './resolve-targets.ts';
import { applyUndo } from './apply-undo.ts';
import { monotonicMs, sleepUntil } from '../std/wait.ts';
import { ForceWatch } from './force-watch.ts';
import { remarksOf } from './remarks.ts';
import type { NemesisOptions } from './options.ts';
import type { Moment } from './awaited-state.ts';

/** How long before the planned moment the topology is read, so that reading it does not delay the injection. */
const lookAheadMs = 250;
const undoTimeoutMs = 30_000;

export interface InjectionPlan {
  /** On `monotonicMs`: the earliest time. */
  readonly plannedAtMs: number;
  /** Later than planned if it waited for a state. */
  readonly notBeforeMs: number;
  readonly targetsOf: NonNullable<TargetContext['targetsOf']>;
  /** Whether the topology must be read, so that a failure to read it prevents the injection. */
  readonly isMomentNeeded: boolean;
}

/** One application of a fault to the nodes that its target resolved to at that moment. */
export class Injection {
  injectedAtMs = 0;
  /** Resolved targets, once it has begun. */
  targets: readonly string[] | undefined;
  /** Why healing failed, once it has. */
  failure: string | undefined;
  readonly #undos = new AsyncDisposableStack();
  #isHealing: Promise<void> | undefined;
  /** For a fault that others can undo, once it is in force. */
  #watch: ForceWatch | undefined;
  /** What the cluster made of it; absent until it is in force. */
  #remarks: (() => Promise<readonly string[]>) | undefined;
  /** For a fault that can be tried, once it is in force. */
  #proof: Promise<Proof | undefined> | undefined;
  readonly #step: FaultStep;
  readonly #options: NemesisOptions;
  readonly #plan: InjectionPlan;

  constructor(step: FaultStep, options: NemesisOptions, plan: InjectionPlan) {
    this.#step = step;
    this.#options = options;
    this.#plan = plan;
  }

  /** Returns the state just before the injection. */
  async inject(signal: AbortSignal): Promise<Moment> {
    const step = this.#step;
    const options = this.#options;
    const plan = this.#plan;
    const fault = options.faults.get(step.fault);
    if (!fault) throw new HarnessBug(`${step.id}: there is no fault ${step.fault}`);
    await sleepUntil(plan.notBeforeMs - lookAheadMs, signal);
    const random = seededRandom(options.seed, step.id);
    const isOfDcs = fault.targets === 'dcs';
    const hasTarget = fault.targets !== 'none' && step.target !== 'none';
    const isAsked = hasTarget || plan.isMomentNeeded;
    const topology = isAsked ? await options.cluster.topology(signal) : unknownTopology;
    const context = { topology, random, targetsOf: plan.targetsOf };
    const targets = hasTarget ? await this.#resolve(isOfDcs, context) : [];
    await sleepUntil(plan.notBeforeMs, signal);
    this.injectedAtMs = monotonicMs();
    const acknowledged = options.load.acknowledged;
    const names = targets.map(({ name }) => name);
    this.targets = names;
    const plannedAtMs = Math.round(plan.plannedAtMs - options.loadStartMs);
    options.emit({
      type: 'inject',
      id: step.id,
      fault: step.fault,
      targets: isOfDcs ? [] : names,
      ...(isOfDcs && names.length > 0 && { dcsMembers: names }),
      plannedAtMs,
      ...(fault.isHarmless && { isHarmless: true }),
      ...(step.expected && { expected: step.expected }),
      effects: fault.effects ?? {},
    });
    await this.#harm(fault, targets, { random, signal });
    return { atMs: this.injectedAtMs, topology, acknowledged };
  }

  async #harm(
    fault: Fault,
    targets: readonly Machine[],
    { random, signal }: Pick<FaultContext, 'random' | 'signal'>,
  ): Promise<void> {
    const step = this.#step;
    const options = this.#options;
    const context: FaultContext = {
      cluster: options.cluster,
      load: options.load,
      ...(options.consumers && { consumers: options.consumers }),
      random,
      signal,
      id: step.id,
      ...(step.expected && { isRefusalExpected: true as const }),
      undo: (taken) => this.#register(taken),
    };
    try {
      const detail = await fault.inject(targets, step.params, context);
      options.emit({ type: 'injected', id: step.id, detail });
      this.#proof = this.#tryForce(fault, targets, detail);
      this.#watchForce(fault, targets, detail);
      const { id, params } = step;
      const { cluster } = options;
      this.#remarks = () => remarksOf(fault, targets, { cluster, id, detail, params });
    } catch (error) {
      if (error instanceof NotCarriedOut) {
        options.emit({ type: 'notCarriedOut', id: step.id, why: error.message });
        if (step.expected) return;
      }
      const where = targets.length > 0 ? ` on ${targets.map(({ name }) => name).join(', ')}` : '';
      // An error that the fault does not expect is a bug; every other one comes from the cluster or the host.
      const Failure = isKnownError(error) ? ClusterError : HarnessBug;
      throw new Failure(`${step.id}: injecting ${step.fault}${where} failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #watchForce(fault: Fault, targets: readonly Machine[], detail: Json): void {
    if (!fault.lapsed) return;
    const step = this.#step;
    const options = this.#options;
    const { cluster } = options;
    this.#watch = new ForceWatch(async (signal) =>
      fault.lapsed?.(targets, step.params, { cluster, id: step.id, detail, signal }),
    );
  }

  /** Never rejects: what cannot be tried is a doubt. */
  async #tryForce(
    fault: Fault,
    targets: readonly Machine[],
    detail: Json,
  ): Promise<Proof | undefined> {
    const step = this.#step;
    const { cluster, signal } = this.#options;
    try {
      return await fault.prove?.(targets, step.params, { cluster, id: step.id, detail, signal });
    } catch (error) {
      return { tried: [], doubt: `unknown whether it was in force: ${messageOf(error)}` };
    }
  }

  async #noteProof(): Promise<void> {
    const options = this.#options;
    // Ctrl-C heals at once: what is being tried may take as long as a machine takes to answer.
    const proof = await untilAborted(this.#proof, options.signal);
    if (!proof) return;
    const { id } = this.#step;
    options.emit({ type: 'proof', id, ...proof });
    // An interrupted run is unknown already.
    if (proof.doubt === undefined || options.signal.aborted) return;
    options.emit({ type: 'problem', id, what: `${id}: ${proof.doubt}` });
  }

  /** A fault that was not in force until its heal proves nothing. */
  async #noteLapse(): Promise<void> {
    const step = this.#step;
    const options = this.#options;
    const sentence = await this.#watch?.end(options.loadStartMs);
    // An interrupted run is unknown already.
    if (sentence === undefined || options.signal.aborted) return;
    options.emit({ type: 'problem', id: step.id, what: `${step.id}: ${sentence}` });
  }

  async #noteRemarks(): Promise<void> {
    const options = this.#options;
    const remarks = await untilAborted(this.#remarks?.(), options.signal);
    for (const remark of remarks ?? []) {
      options.emit({ type: 'note', what: `${this.#step.id}: ${remark}` });
    }
  }

  /** On disk first: whatever process heals later must know of the undo before there is anything to heal. */
  #register(step: Undo): void {
    const { cluster, load, consumers } = this.#options;
    this.#options.emit({ type: 'undo', id: this.#step.id, step });
    // Healing goes on after an interruption.
    this.#undos.defer(() => {
      return applyUndo(step, {
        cluster,
        load,
        signal: AbortSignal.timeout(undoTimeoutMs),
        ...(consumers && { consumers }),
      });
    });
  }

  heal(): Promise<void> {
    this.#isHealing ??= this.#healOnce();
    return this.#isHealing;
  }

  async #healOnce(): Promise<void> {
    if (this.targets === undefined) return;
    const options = this.#options;
    await Promise.all([this.#noteProof(), this.#noteLapse(), this.#noteRemarks()]);
    options.emit({ type: 'heal', id: this.#step.id });
    try {
      await this.#undos.disposeAsync();
      options.emit({ type: 'healed', id: this.#step.id });
    } catch (error) {
      this.failure = `${this.#step.id}: healing failed: ${messageOf(error)}`;
    }
  }

  async #resolve(
    isOfDcs: boolean,
    asked: Pick<TargetContext, 'topology' | 'random' | 'targetsOf'>,
  ): Promise<readonly Machine[]> {
    const { cluster, signal } = this.#options;
    const { nodes, proxies = [] } = cluster;
    const { target } = this.#step;
    try {
      if (!isOfDcs) return resolveTargets(target, { ...asked, nodes, proxies });
      const dcs = cluster.dcs ?? lacks({ name: cluster.id }, 'DCS');
      return await resolveDcsTargets(target, dcs, { ...asked, nodes, signal });
    } catch (error) {
      throw new ClusterError(`${this.#step.id}: ${messageOf(error)}`, { cause: error });
    }
  }
}

const unknownTopology: Topology = { syncStandbys: [], members: [], isPaused: false };

/** Undefined when aborted first. */
async function untilAborted<T>(
  work: Promise<T> | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = () => aborted.resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
