import type { Node, Topology } from '../contracts/cluster.ts';
import type { Fault, FaultContext, Undo } from '../contracts/fault.ts';
import type { Json } from '../contracts/json.ts';
import type { FaultStep } from '../contracts/scenario.ts';
import { ClusterError, HarnessBug, isKnownError, messageOf, NotCarriedOut } from '../std/errors.ts';
import { seededRandom } from '../std/random.ts';
import { resolveTargets, type TargetContext } from './resolve-targets.ts';
import { applyUndo } from './apply-undo.ts';
import { monotonicMs, sleepUntil } from '../std/wait.ts';
import { ForceWatch } from './force-watch.ts';
import type { NemesisOptions } from './options.ts';
import type { Moment } from './awaited-state.ts';

/** The cluster is looked at this long before the planned moment, so that asking costs no punctuality. */
const lookAheadMs = 250;
const undoTimeoutMs = 30_000;

export interface InjectionPlan {
  /** On `monotonicMs`: not before. */
  readonly plannedAtMs: number;
  /** Later than planned, where it waited for something. */
  readonly notBeforeMs: number;
  readonly targetsOf: NonNullable<TargetContext['targetsOf']>;
  /** Whether somebody must know how things stood, for want of which there is no injection. */
  readonly isMomentNeeded: boolean;
}

/** One application of a fault to the nodes its target was at that moment. */
export class Injection {
  injectedAtMs = 0;
  /** Whom it is done to, once it has begun. */
  targets: readonly string[] | undefined;
  /** Why healing failed, once it has. */
  failure: string | undefined;
  private readonly undos = new AsyncDisposableStack();
  private isHealing: Promise<void> | undefined;
  /** Of a fault that others can undo, once it is in force. */
  private watch: ForceWatch | undefined;
  private readonly step: FaultStep;
  private readonly options: NemesisOptions;
  private readonly plan: InjectionPlan;

  constructor(step: FaultStep, options: NemesisOptions, plan: InjectionPlan) {
    this.step = step;
    this.options = options;
    this.plan = plan;
  }

  /** Returns how things stood just before. */
  async inject(signal: AbortSignal): Promise<Moment> {
    const { step, options, plan } = this;
    const fault = options.faults.get(step.fault);
    if (!fault) throw new HarnessBug(`${step.id}: no fault is called ${step.fault}`);
    await sleepUntil(plan.notBeforeMs - lookAheadMs, signal);
    const random = seededRandom(options.seed, step.id);
    const hasTarget = fault.targets !== 'none' && step.target !== 'none';
    const isAsked = hasTarget || plan.isMomentNeeded;
    const topology = isAsked ? await options.cluster.topology(signal) : unknownTopology;
    const targets = hasTarget ? this.resolve(topology, random) : [];
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
      targets: names,
      plannedAtMs,
      ...(fault.isHarmless && { isHarmless: true }),
      effects: fault.effects ?? {},
    });
    await this.harm(fault, targets, { random, signal });
    return { atMs: this.injectedAtMs, topology, acknowledged };
  }

  private async harm(
    fault: Fault,
    targets: readonly Node[],
    { random, signal }: Pick<FaultContext, 'random' | 'signal'>,
  ): Promise<void> {
    const { step, options } = this;
    const context: FaultContext = {
      cluster: options.cluster,
      load: options.load,
      random,
      signal,
      id: step.id,
      undo: (taken) => this.register(taken),
    };
    try {
      const detail = await fault.inject(targets, step.params, context);
      options.emit({ type: 'injected', id: step.id, detail });
      this.watchForce(fault, targets, detail);
    } catch (error) {
      if (error instanceof NotCarriedOut) {
        options.emit({ type: 'notCarriedOut', id: step.id, why: error.message });
      }
      const where = targets.length > 0 ? ` on ${targets.map(({ name }) => name).join(', ')}` : '';
      // What a fault did not foresee is our bug; all else is how the cluster or the host took it.
      const Failure = isKnownError(error) ? ClusterError : HarnessBug;
      throw new Failure(`${step.id}: injecting ${step.fault}${where} failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  private watchForce(fault: Fault, targets: readonly Node[], detail: Json): void {
    if (!fault.lapsed) return;
    const { step, options } = this;
    const { cluster } = options;
    this.watch = new ForceWatch(async (signal) =>
      fault.lapsed?.(targets, step.params, { cluster, id: step.id, detail, signal }),
    );
  }

  /** What was not in force until its heal proves nothing of what it was to do. */
  private async noteLapse(): Promise<void> {
    const { step, options } = this;
    const sentence = await this.watch?.end(options.loadStartMs);
    // Interrupted, the run is unknown already.
    if (sentence === undefined || options.signal.aborted) return;
    options.emit({ type: 'problem', id: step.id, what: `${step.id}: ${sentence}` });
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
    if (this.targets === undefined) return;
    const { options } = this;
    await this.noteLapse();
    options.emit({ type: 'heal', id: this.step.id });
    try {
      await this.undos.disposeAsync();
      options.emit({ type: 'healed', id: this.step.id });
    } catch (error) {
      this.failure = `${this.step.id}: healing failed: ${messageOf(error)}`;
    }
  }

  private resolve(topology: Topology, random: () => number): readonly Node[] {
    const { nodes } = this.options.cluster;
    const { targetsOf } = this.plan;
    try {
      return resolveTargets(this.step.target, { nodes, topology, random, targetsOf });
    } catch (error) {
      throw new ClusterError(`${this.step.id}: ${messageOf(error)}`, { cause: error });
    }
  }
}

const unknownTopology: Topology = { syncStandbys: [], members: [], isPaused: false };
