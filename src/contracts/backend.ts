import type { Cluster } from './cluster.ts';
import type { CopyServer, WantedServer } from './copy-server.ts';
import type { CapabilityName, FarEnd } from './controls.ts';
import type { Finding } from './finding.ts';
import type { Json, Schema } from './json.ts';
import type { LabContents, WantedNames } from './own-patroni.ts';
import type { LeastPostgres } from './least-postgres.ts';
import type { RouteSpec } from './route.ts';
import type { ClusterSpec } from './scenario.ts';

/** A cluster that another process holds, and the commands that lead into it. Errors: ScenarioError for no such node. */
export interface LiveCluster {
  readonly id: string;
  readonly backend: string;
  /** As in `Cluster`; absent if it cannot be attached to. */
  readonly record?: unknown;
  /** The process that held it was killed, and the cluster stayed up. */
  readonly isLeftover?: boolean;
  /** Made on another host, or for another reports folder: it is entered only by its id. */
  readonly isOthers?: boolean;
  /** Runs `argv` as root on one node. */
  enter(node: string, argv: readonly string[]): readonly string[];
  /** Opens psql on one node, whatever its network does. */
  psql(node: string): readonly string[];
}

/** The user of the harness: a backend's capabilities may depend on it. */
export interface HostUser {
  readonly isRoot: boolean;
}

/** Capability -> why it is missing and how to get it, as in the planner's refusal. */
export type Lacks = Readonly<Partial<Record<CapabilityName, string>>>;

export interface BootOptions {
  /** Unique among clusters on this host; used in names of namespaces, containers, folders. */
  readonly id: string;
  readonly spec: ClusterSpec;
  /** Capabilities that the plan's faults need. Some cost something all the time: they exist only when named here. */
  readonly needs?: readonly CapabilityName[];
  /** How the load's clients reach the cluster: the proxies that they need are started with it. */
  readonly routes?: readonly RouteSpec[];
  /** A backend that knows its servers' version before they start refuses an older one then, with a ScenarioError. */
  readonly leastPostgres?: LeastPostgres | undefined;
  /** Overrides the backend's own image, if it runs single servers from images. */
  readonly image?: string;
  /** A folder of the run for the files of the backend (lab record, logs of a failed boot). */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** One line per step, for people. */
  log(line: string): void;
}

/** What a node of a cluster that exists offers. */
export interface NodeSurvey {
  readonly node: string;
  readonly findings: readonly Finding[];
}

/** What can be done to a cluster that exists, as it is now. */
export interface ClusterSurvey {
  readonly nodes: readonly NodeSurvey[];
  /** What it lacks, beyond what its file says: of what its machines have been asked. */
  readonly lacks: Lacks;
}

export interface ExistingClusters {
  /** Keys of the cluster file beside `backend`. Paths are as they stand there. */
  readonly params: Schema<Json>;
  /** A right set of them: for the conformance suite. */
  readonly example?: Json;
  /** What the planner must know of the cluster. `folder`: of the file, where relative paths start. */
  describe(
    params: Json,
    folder: string,
  ): { readonly params: Json } & Pick<ClusterSpec, 'nodes' | 'topology'>;
  /** Asks every node what it offers. Changes nothing. What does not answer is a finding. */
  survey?(params: Json, signal: AbortSignal): Promise<ClusterSurvey>;
  /**
   * Removes what dead runs left there, and returns a sentence for each thing.
   * Errors: EnvironmentError where a run is going on.
   */
  clean?(params: Json, signal: AbortSignal): Promise<readonly string[]>;
}

export interface ClusterBackend {
  readonly summary: string;
  /** Its own keys in `cluster:`, beside those that every backend has. Absent: none. */
  readonly params?: Schema<Json>;
  /** What the nodes of such a cluster will be called, in their order, those of its standby cluster last: for targets, before anything boots. */
  nodeNames(
    cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own' | 'standby'>,
  ): readonly string[];
  /** The same of the members of its DCS. Absent: faults cannot meet one. */
  dcsNames?(cluster: Pick<ClusterSpec, 'nodes'>): readonly string[];
  /** Capabilities of its nodes and cluster: the planner refuses what a fault needs beyond these. */
  readonly offers: readonly CapabilityName[];
  /** What such a cluster lacks, of `offers` or beyond it, and why. Known before anything boots. */
  lacks?(cluster: Pick<ClusterSpec, 'topology' | 'own' | 'standby'>, user: HostUser): Lacks;
  /** If its clusters exist already and `boot` connects to them: how a cluster file describes one. */
  readonly existing?: ExistingClusters;
  /** The clusters that it can make. */
  readonly topologies: readonly ClusterSpec['topology'][];
  readonly sites: readonly string[];
  /**
   * Why its clusters cannot give this route, before anything boots; undefined: they can. Never asked of direct and
   * multi-host, which need the nodes' addresses alone. Absent: it has no others.
   */
  refusesRoute?(
    route: RouteSpec,
    cluster: Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>,
  ): string | undefined;
  /** What the machines of HAProxy and PgBouncer are called, where faults can meet their packets. Absent: nowhere. */
  proxyNames?(cluster: Pick<ClusterSpec, 'own'>, routes: readonly RouteSpec[]): readonly string[];
  /** Why packet rules in its clusters cannot name this end, before anything boots; undefined: they can. Absent: they always can. */
  refusesEnd?(end: FarEnd, cluster: Pick<ClusterSpec, 'own'>): string | undefined;
  /** The settings of its servers beyond PostgreSQL's defaults; the scenario's override them. Absent: it does not set any. */
  parameters?(topology: ClusterSpec['topology']): Readonly<Record<string, string>>;
  /**
   * What its labs have of what the user's own Patroni configuration names, as far as that is known before the boot.
   * Absent: its clusters cannot be given one.
   */
  ownPatroni?(wanted: WantedNames): Promise<LabContents>;
  /**
   * Findings about what `spec`, the faults' `needs` and the load's `routes` require, if these are given; otherwise about
   * all clusters.
   */
  preflight(
    spec?: ClusterSpec,
    needs?: readonly CapabilityName[],
    routes?: readonly RouteSpec[],
  ): Promise<readonly Finding[]>;
  /** Bytes of memory of the host of its machines, if a fault can take some. Errors: EnvironmentError. */
  memoryOfHost?(): Promise<number>;
  /** Installs what is missing, or throws an EnvironmentError with the command for it. */
  install?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  /** The same for what no run installs by itself: a service, an image that takes minutes. */
  installAsked?(findings: readonly Finding[], log: (line: string) => void): Promise<void>;
  boot(options: BootOptions): Promise<Cluster>;
  /** Connects to a cluster another process holds (`forkpoint lab`); disposing it leaves the cluster up. */
  attach?(record: unknown): Promise<Cluster>;
  /** Whether the cluster of this record is up, whichever process holds it. Errors: EnvironmentError when that is unknown. */
  isUp?(record: unknown): Promise<boolean>;
  /** Clusters that living processes hold on this host, for other terminals. Errors: EnvironmentError. */
  live?(): Promise<readonly LiveCluster[]>;
  /**
   * What can start a copy of a node's data directory, with the programs that such nodes have. Absent: only this host's own can.
   * Errors: EnvironmentError when it has no server of that version.
   */
  copyServer?(wanted: WantedServer): Promise<CopyServer>;
  /** Removes what killed runs left on this host, and returns the runs; clusters of live processes stay. */
  clean?(): Promise<readonly string[]>;
}
