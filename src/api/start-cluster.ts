import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CapabilityName, Cluster, Guard, Node } from '../contracts/cluster.ts';
import type { ClusterSpec, Plan } from '../contracts/scenario.ts';
import { prepareHost } from '../commands/support/prepare-host.ts';
import { newRunId } from '../evidence/store/run-folders.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { converge } from '../run/converge.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import { ClusterError, messageOf, ScenarioError } from '../std/errors.ts';
import { leaderOf, primaryOf } from '../std/units/leadership.ts';
import { waitUntil } from '../std/wait.ts';
import { ClusterFaults, type FaultInput, type InjectedFault } from './cluster-faults.ts';

export interface StartClusterOptions {
  /** 3 unless said. */
  readonly nodes?: number;
  /** The platform's default unless said. */
  readonly backend?: string;
  readonly synchronous?: ClusterSpec['synchronous'];
  /** Patroni's dynamic configuration: `{ ttl: 20 }`. */
  readonly patroni?: Readonly<Record<string, unknown>>;
  /** PostgreSQL parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Controls that cost something all the time, and so must be asked for: `clock`, `power`, `disk`. */
  readonly needs?: readonly CapabilityName[];
  /** Whether packages that this host lacks may be installed; not unless said. */
  readonly install?: boolean;
  /** Seed of targets that are drawn; 1 unless said. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Lines for people. */
  readonly log?: (line: string) => void;
}

/** A cluster for the tests of a program. `await using` stops it, and so does the end of this process. */
export interface StartedCluster extends AsyncDisposable {
  readonly id: string;
  readonly nodes: readonly string[];
  /** Connection string of one node, whatever its role. Errors: ScenarioError for no such node. */
  uri(node: string): string;
  /** Of the one primary there is now. Errors: ClusterError when there is none, or more than one. */
  primaryUri(): Promise<string>;
  /** Of every replica there is now. */
  replicaUris(): Promise<readonly string[]>;
  /** libpq's form with every node: add `?target_session_attrs=read-write` where the driver knows it. */
  anyUri(): string;
  /** The holder of Patroni's lock; undefined: no node holds it, or it cannot be known. */
  leader(): Promise<string | undefined>;
  /** Waits until another node than this one is leader and primary; resolves to its name. Errors: ClusterError. */
  leaderOtherThan(node: string, timeoutMs?: number): Promise<string>;
  /** Waits until every node streams from one leader. Errors: ClusterError with what is missing. */
  converged(timeoutMs?: number): Promise<void>;
  /** Does a fault of scenario files now: `inject('partition', { target: 'leader' })`. Errors: ScenarioError, ClusterError. */
  inject(fault: string, options?: FaultInput): Promise<InjectedFault>;
  /** Takes back every fault that is in force. Errors: ClusterError. */
  heal(): Promise<void>;
  /** Heals, and removes the cluster. */
  stop(): Promise<void>;
}

const convergeTimeoutMs = 60_000;

/**
 * Boots a real Patroni cluster and resolves when it has a leader and every replica streams.
 * Errors: ScenarioError, EnvironmentError, ClusterError, HarnessBug; see docs/library.md.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<StartedCluster> {
  const { needs = [], install = false, log = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  const registry = await loadRegistry();
  const plan = planOf(options, registry);
  const backend = registry.backends.get(plan.backend);
  if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
  const spec = plan.scenario.cluster;
  await prepareHost(backend, { spec, needs, install, log });
  const id = newRunId(new Date());
  const directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-cluster-'));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(directory, { recursive: true, force: true }));
  const cluster = starting.use(await backend.boot({ id, spec, needs, directory, signal, log }));
  const guard = await cluster.guard?.(id);
  if (guard) starting.use(guard);
  return new BootedCluster(cluster, { plan, registry, guard, resources: starting.move() });
}

function planOf(options: StartClusterOptions, registry: Registry): Plan {
  const { nodes = 3, backend, synchronous = 'off', patroni = {}, parameters = {} } = options;
  const cluster = { nodes, synchronous, patroni, parameters };
  const input = {
    name: 'cluster',
    claim: 'A cluster for tests.',
    cluster,
    load: { duration: '1s' },
  };
  const text = JSON.stringify({ ...input, expect: { lost: 0 } });
  const scenario = parseScenario(text, { file: 'startCluster', registry, backend });
  return planScenario(scenario, { seed: options.seed ?? 1, backend, registry });
}

interface Parts {
  readonly plan: Plan;
  readonly registry: Registry;
  readonly guard: Guard | undefined;
  readonly resources: AsyncDisposableStack;
}

class BootedCluster implements StartedCluster {
  readonly #cluster: Cluster;
  readonly #resources: AsyncDisposableStack;
  readonly #faults: ClusterFaults;
  readonly #ended = new AbortController();
  /** Why faults are no longer in force: a timer at the target healed them, since this process was silent for too long. */
  #lost: ClusterError | undefined;

  constructor(cluster: Cluster, { plan, registry, guard, resources }: Parts) {
    this.#cluster = cluster;
    this.#resources = resources;
    const { signal } = this.#ended;
    this.#faults = new ClusterFaults(cluster, { plan, registry, signal });
    guard?.lost.catch((error: unknown) => {
      this.#lost = new ClusterError(messageOf(error), { cause: error });
    });
  }

  get id(): string {
    return this.#cluster.id;
  }

  get nodes(): readonly string[] {
    return this.#cluster.nodes.map(({ name }) => name);
  }

  uri(name: string): string {
    const node = this.#cluster.nodes.find((candidate) => candidate.name === name);
    if (node) return uriOf(this.#cluster, node);
    throw new ScenarioError(`there is no node '${name}'; nodes: ${this.nodes.join(', ')}`);
  }

  async primaryUri(): Promise<string> {
    const primary = primaryOf(await this.#topology());
    if (primary) return this.uri(primary.node);
    throw new ClusterError('there is no single primary now');
  }

  async replicaUris(): Promise<readonly string[]> {
    const { members } = await this.#topology();
    return members.filter(({ role }) => role === 'replica').map(({ node }) => this.uri(node));
  }

  anyUri(): string {
    const { credentials, nodes } = this.#cluster;
    const hosts = nodes.map(({ endpoint }) => `${endpoint.host}:${endpoint.port}`).join(',');
    return `postgresql://${loginOf(credentials)}@${hosts}/${encodeURIComponent(credentials.database)}`;
  }

  async leader(): Promise<string | undefined> {
    return leaderOf(await this.#topology());
  }

  async leaderOtherThan(node: string, timeoutMs = convergeTimeoutMs): Promise<string> {
    const another = async () => {
      const topology = await this.#topology();
      const leader = leaderOf(topology);
      const isPrimary = topology.members.some(
        (member) => member.node === leader && member.role === 'primary',
      );
      return leader !== node && isPrimary ? leader : undefined;
    };
    const { signal } = this.#ended;
    return waitUntil(`a node other than ${node} leads`, another, { timeoutMs, signal });
  }

  async converged(timeoutMs = convergeTimeoutMs): Promise<void> {
    const { ok, reason } = await converge(this.#cluster, timeoutMs, this.#ended.signal);
    if (!ok) throw new ClusterError(`the cluster has not converged: ${reason ?? ''}`);
  }

  inject(fault: string, options: FaultInput = {}): Promise<InjectedFault> {
    return this.#faults.inject(fault, options);
  }

  async heal(): Promise<void> {
    await this.#faults.heal();
    if (this.#lost) throw this.#lost;
  }

  async stop(): Promise<void> {
    try {
      await this.#faults.heal();
    } finally {
      this.#ended.abort(new ClusterError(`cluster ${this.id} was stopped`));
      await this.#resources.disposeAsync();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #topology() {
    return this.#cluster.topology(this.#ended.signal);
  }
}

/** By the Unix socket where this process cannot route to the node: a lab's network is its own. */
function uriOf({ credentials }: Cluster, { endpoint, observer }: Node): string {
  const login = loginOf(credentials);
  const database = encodeURIComponent(credentials.database);
  if (!observer.host.startsWith('/')) {
    return `postgresql://${login}@${endpoint.host}:${endpoint.port}/${database}`;
  }
  const host = encodeURIComponent(observer.host);
  return `postgresql://${login}@/${database}?host=${host}&port=${observer.port}`;
}

function loginOf({ user, password }: Cluster['credentials']): string {
  const name = encodeURIComponent(user);
  return password === undefined ? name : `${name}:${encodeURIComponent(password)}`;
}
