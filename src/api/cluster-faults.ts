import type { Cluster } from '../contracts/cluster.ts';
import type { Plan } from '../contracts/scenario.ts';
import { Injection } from '../nemesis/injection.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import type { Registry } from '../registry.ts';
import { ClusterError, HarnessBug, ScenarioError } from '../std/errors.ts';
import { monotonicMs } from '../std/wait.ts';

/** Keys of a step in a scenario file: `target`, and the fault's own. */
export type FaultInput = { readonly target?: string } & Readonly<Record<string, unknown>>;

export interface InjectedFault {
  /** The nodes that the target meant. */
  readonly targets: readonly string[];
  /** Harmless to repeat. Errors: ClusterError saying what could not be taken back. */
  heal(): Promise<void>;
}

/** There is no load of ours, so faults that act on it have nothing to act on. */
const noLoad = {
  acknowledged: 0,
  batch: 1,
  hold: () => Promise.reject(new ScenarioError('there is no load of Forkpoint to hold')),
  allow: () => Promise.reject(new ScenarioError('there is no load of Forkpoint to let go on')),
  resume: () => Promise.resolve(),
};

/** Faults on a cluster without a run: parsed, planned and injected by the code of runs. */
export class ClusterFaults {
  readonly #cluster: Cluster;
  readonly #plan: Plan;
  readonly #registry: Registry;
  readonly #signal: AbortSignal;
  readonly #injections = new Set<Injection>();
  #count = 0;

  constructor(
    cluster: Cluster,
    about: { readonly plan: Plan; readonly registry: Registry; readonly signal: AbortSignal },
  ) {
    this.#cluster = cluster;
    this.#plan = about.plan;
    this.#registry = about.registry;
    this.#signal = about.signal;
  }

  async inject(fault: string, input: FaultInput): Promise<InjectedFault> {
    const step = this.#stepOf(fault, input);
    const injection = new Injection(
      step,
      {
        cluster: this.#cluster,
        load: noLoad,
        steps: [step],
        faults: this.#registry.faults,
        seed: this.#plan.seed,
        loadStartMs: monotonicMs(),
        signal: this.#signal,
        emit: () => undefined,
      },
      {
        plannedAtMs: monotonicMs(),
        notBeforeMs: monotonicMs(),
        targetsOf: () => undefined,
        isMomentNeeded: false,
      },
    );
    this.#injections.add(injection);
    await injection.inject(this.#signal);
    return { targets: injection.targets ?? [], heal: () => this.#heal(injection) };
  }

  async heal(): Promise<void> {
    // Newest first: an earlier fault may need what a later one has taken away.
    for (const injection of [...this.#injections].reverse()) await this.#heal(injection);
  }

  async #heal(injection: Injection): Promise<void> {
    await injection.heal();
    this.#injections.delete(injection);
    if (injection.failure !== undefined) throw new ClusterError(injection.failure);
  }

  /** Errors: ScenarioError with all that is wrong with it, as a scenario's would be. */
  #stepOf(fault: string, input: FaultInput) {
    const { backend, seed, scenario } = this.#plan;
    const id = `${fault}-${++this.#count}`;
    const { nodes, topology, synchronous } = scenario.cluster;
    const text = JSON.stringify({
      name: 'cluster',
      claim: 'A cluster for tests.',
      cluster: { nodes, topology, synchronous },
      load: { duration: '1s' },
      faults: [{ ...input, id, at: '0s', fault }],
      expect: { lost: 0 },
    });
    const about = { file: `inject('${fault}')`, registry: this.#registry, backend };
    const planned = planScenario(parseScenario(text, about), {
      seed,
      backend,
      registry: this.#registry,
    });
    const [step] = planned.scenario.faults;
    if (!step) throw new HarnessBug(`${id}: the plan has no step`);
    return step;
  }
}
