import type {
  CapabilityName,
  Cluster,
  DiskArea,
  FarEnd,
  LimitedResource,
  Machine,
  ObjectChange,
  ProcessTarget,
  Proof,
} from './cluster.ts';
import type { Json, Schema, SchemaIssue } from './json.ts';
import type { LoadSpec } from './scenario.ts';

/**
 * How an injection is undone, as data: it is on disk before the injection, so that `forkpoint heal` can undo it after every
 * process of the run has died. Each is idempotent, and harmless if the fault was not injected.
 */
export type Undo =
  | { readonly do: 'clearRules' | 'unshape'; readonly node: string; readonly tag: string }
  /** Continues frozen processes. */
  | { readonly do: 'resume'; readonly node: string; readonly target: ProcessTarget }
  /** Continues these processes of PostgreSQL, if they are there and frozen. */
  | { readonly do: 'resumeServers'; readonly node: string; readonly pids: readonly number[] }
  /** Starts the processes of the target that do not run. */
  | { readonly do: 'start'; readonly node: string; readonly target: ProcessTarget }
  | { readonly do: 'resumeDcs' | 'startDcs' | 'hastenDcs'; readonly member: string }
  /** Puts back what the DCS lost with this id. */
  | { readonly do: 'restoreDcs'; readonly tag: string }
  | { readonly do: 'clearNoSpace' }
  | { readonly do: 'freeDisk'; readonly node: string; readonly area: DiskArea }
  | {
      readonly do: 'healIo';
      readonly node: string;
      readonly area: DiskArea;
      readonly tag: string;
    }
  | { readonly do: 'resetClock'; readonly node: string }
  | { readonly do: 'liftLimit'; readonly node: string; readonly resource: LimitedResource }
  /** Shuts down the server that was started past Patroni under this tag, unless Patroni runs there and has it by now. */
  | { readonly do: 'stopStray'; readonly node: string; readonly tag: string }
  | { readonly do: 'endSecondCluster'; readonly node: string; readonly tag: string }
  /** Puts the configuration file of Patroni back that was kept under this tag. */
  | { readonly do: 'restoreTags'; readonly node: string; readonly tag: string }
  | { readonly do: 'restoreName'; readonly node: string; readonly tag: string }
  /** Puts the certificate of a server back that was kept under this tag. */
  | { readonly do: 'restoreCertificate'; readonly node: string; readonly tag: string }
  | { readonly do: 'resumePatroni' | 'resumeLoad' }
  /** Starts a consumer of the run where it does not run; it ends with the run. */
  | { readonly do: 'startConsumer'; readonly consumer: string }
  | { readonly do: 'thawConsumer'; readonly consumer: string }
  | { readonly do: 'endSecondConsumer'; readonly consumer: string }
  | { readonly do: 'startSink' | 'thawSink' | 'mendSink' | 'openSink' | 'freeSink' | 'mendSource' }
  /** If the standby cluster was promoted, the other one follows it from now on. */
  | { readonly do: 'followPromoted' }
  /** Ends what `sql.hold` and its like hold under the tag; `leader` is the leader at that time. */
  | { readonly do: 'release'; readonly node: string; readonly tag: string }
  /** What was changed or made in the API of Kubernetes. */
  | { readonly do: 'takeBack'; readonly change: ObjectChange }
  /** One statement on one member; `leader` is the leader at that time. A member that stays down is an error. */
  | {
      readonly do: 'sql';
      readonly node: string;
      readonly text: string;
      readonly values?: readonly (string | number | boolean | null)[];
    }
  | {
      readonly do: 'exec';
      readonly node: string;
      readonly argv: readonly string[];
      readonly environment?: Readonly<Record<string, string>>;
    };

/** The run's load, for faults that must know or control when it writes. */
export interface LoadControl {
  /** Writes acknowledged so far; at most 250 ms old while the load runs, exact while it is held. */
  readonly acknowledged: number;
  /** Rows of one insert, and so writes of one operation. */
  readonly batch: number;
  /** Starts no new operation; resolves when none is in progress. */
  hold(signal: AbortSignal): Promise<void>;
  /**
   * While held: lets this many operations start, all clients together, and resolves when each has its outcome.
   * Returns how many writes were acknowledged; holds again afterwards. Errors: ClusterError when the load is not held, or
   * is over first.
   */
  allow(operations: number, signal: AbortSignal): Promise<number>;
  /** Continues as planned; held operations are not made up for. Harmless when it is not held. */
  resume(): Promise<void>;
}

/** The run's consumers, by name. They end with the run. */
export interface ConsumerControl {
  /** The replication slot that it reads. */
  slotOf(consumer: string): string;
  /** SIGKILL: it ends at once. SIGTERM: it delivers what it has received. Resolves when it has ended, and it stays so until `start`. */
  end(consumer: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Harmless if it runs. */
  start(consumer: string): Promise<void>;
  /** SIGSTOP: its connections stay open, and it neither reads nor writes. */
  freeze(consumer: string): Promise<void>;
  /** Harmless if it is not frozen, or gone. */
  thaw(consumer: string): Promise<void>;
  /**
   * Resolves when the sink of every consumer has all that the primary has committed by now. Errors: ClusterError after the time, with who
   * has not.
   */
  untilDelivered(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Another process of it, with the same slot and the same sink. Harmless if that runs. */
  startSecond(consumer: string): Promise<void>;
  /** Asks that one to end, and resolves when it has. Harmless if there is none. */
  endSecond(consumer: string): Promise<void>;
}

export interface ProcessHarm {
  /** `node`: Patroni and PostgreSQL. */
  readonly of: ProcessTarget;
  /** Their state afterwards; `alive`: it signals them, and they soon run again by themselves. */
  readonly become: 'dead' | 'frozen' | 'alive';
  /** It asks them to end by themselves, which a frozen process cannot. */
  readonly isOrderly?: true;
}

/** maintenance: Patroni is paused. patroniGone: it is killed, stopped or frozen. serverEnded: PostgreSQL was ended. */
export type Precondition = 'maintenance' | 'patroniGone' | 'serverEnded';

export interface Follows {
  /** One of them is enough. */
  readonly oneOf: readonly Precondition[];
  /** Why, and what to write: the planner's sentence. */
  readonly because: string;
}

/** What the planner and the judge need to know about a fault, so that neither refers to one by name. */
export interface FaultEffects {
  /** It requests a promotion from Patroni, which is then no failover; its detail has `from` and `to` if it knows them. */
  readonly asksForPromotion?: true;
  /** The request can be refused, by NotCarriedOut, so that a step may have `expect: refused`. */
  readonly canBeRefused?: true;
  /** The leader certainly stays leader, though the fault has no target. */
  readonly keepsLeader?: true;
  /**
   * Whose server may end or start because of it: `none`; its `targets`, the leader, and every node once another one leads;
   * or `any` (the default). Every other end or start is unplanned.
   */
  readonly servers?: 'none' | 'targets' | 'any';
}

/** What is known before anything boots of a step and the cluster that it will meet. */
export interface StepFacts {
  /** As in the file; 'none' where it has none. */
  readonly target: string;
  readonly nodes: number;
  /** What its servers will be started with, beyond PostgreSQL's defaults. Absent: a cluster with settings of its own. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Patroni's tags by node, as they are throughout the run. Absent: not known, or a step changes them. */
  readonly tags?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** Those of the names that are of its standby cluster. Absent: it has none. */
  readonly standbyNodes?: readonly string[];
  /** The author expects that the request may be refused. */
  readonly isRefusalExpected?: true;
}

export interface FaultContext {
  readonly cluster: Cluster;
  /** 0 <= x < 1, from the run's seed: the only randomness a fault may use. */
  random(): number;
  readonly signal: AbortSignal;
  /** A refusal is expected, so the first one counts. */
  readonly isRefusalExpected?: true;
  readonly load: LoadControl;
  /** Absent: the scenario has no consumers. */
  readonly consumers?: ConsumerControl;
  /** Journals and registers an undo: call it before the injection. Undos run in reverse order. */
  readonly undo: (step: Undo) => void;
  /** The injection's id, unique in the run: tag what you change with it. */
  readonly id: string;
}

export interface LookContext extends Pick<FaultContext, 'cluster' | 'id' | 'signal'> {
  /** What `inject` returned. */
  readonly detail: Json;
}

/** One fault. The file's name is its name in YAML. */
export interface Fault<P = Json> {
  /** One sentence: what it does to the target. */
  readonly summary: string;
  needs(params: P): readonly CapabilityName[];
  /** What it needs of its controls that not every machine's have, by the name of the probe's finding: 'delays'. Absent: nothing. */
  findings?(params: P): readonly string[];
  /** Bytes of memory that its target's machine must have more of, or it takes none. Absent: any will do. */
  memoryAbove?(params: P): number;
  readonly params: Schema<P>;
  /** A valid set of its keys as in a file: for the conformance suite, if a key has no default. */
  readonly example?: Json;
  /**
   * `none`: it acts on the cluster as a whole and takes no target. `any`: with or without one. `dcs`: members of the DCS, by
   * their names alone, or without a target.
   */
  readonly targets: 'nodes' | 'none' | 'any' | 'dcs';
  /** Whether the machine of an HAProxy or a PgBouncer may be a target too. Absent: every target is a node. */
  meetsProxies?(params: P): boolean;
  /** What in these params is impossible for nodes of these names, for this load or for this step; the planner refuses it. */
  problems?(
    params: P,
    nodeNames: readonly string[],
    load: LoadSpec,
    step: StepFacts,
  ): readonly SchemaIssue[];
  /** What other than nodes its packet rules name; the planner refuses those whose addresses the cluster does not give. Absent: nothing. */
  ends?(params: P): readonly FarEnd[];
  /**
   * What it takes for itself on its targets while it is in force: 'connections'. The planner refuses two steps that are certainly in
   * force together and take the same of the same target. Absent: nothing.
   */
  claims?(params: P): readonly string[];
  /** It changes Patroni's tags of its targets. */
  readonly isOfTags?: true;
  /** While it is in force Patroni repairs nothing by itself. */
  readonly isMaintenance?: true;
  /** What must have come before, or it cannot be in force; the planner refuses it in a lab where no earlier step does that. */
  readonly follows?: Follows;
  /** Consumers of the scenario that it acts on, by name; the planner refuses others. Absent: none. */
  consumers?(params: P): readonly string[];
  /** What of these consumers it meets; default: the process. */
  readonly meets?: 'process' | 'slot';
  /** It only marks a moment: reports never name it as a cause. */
  readonly isHarmless?: true;
  /** Its effect on processes, for the planner: a dead process cannot be frozen. */
  processes?(params: P): ProcessHarm;
  readonly effects?: FaultEffects;
  /** Resolves when the fault is in force on all targets. Returns the detail for the journal. */
  inject(targets: readonly Machine[], params: P, context: FaultContext): Promise<Json>;
  /**
   * For a fault whose effect can be tried: what was tried once it was in force, and what speaks against it. Begun after the
   * injection, and waited for before the heal; a doubt makes the run unknown. Undefined: nothing has to be tried here.
   */
  prove?(targets: readonly Machine[], params: P, context: LookContext): Promise<Proof | undefined>;
  /**
   * For a fault that others can undo (Patroni, an administrator): why it is no longer in force, in words; undefined while it
   * is. Called every other second and right before the heal; a lapsed fault makes the run unknown. Only reads.
   * Errors: any reason why the state cannot be read.
   */
  lapsed?(
    targets: readonly Machine[],
    params: P,
    context: LookContext,
  ): Promise<string | undefined>;
  /**
   * What the cluster made of it until right before its heal, a sentence each, for the report's notes: that is what the run observes,
   * and no lapse. Only reads. Errors: any reason why the state cannot be read; then there is nothing to note.
   */
  remarks?(
    targets: readonly Machine[],
    params: P,
    context: LookContext,
  ): Promise<readonly string[]>;
}
