import type { CapabilityName, Cluster, DiskArea, Node, ProcessTarget } from './cluster.ts';
import type { Json, Schema, SchemaIssue } from './json.ts';
import type { LoadSpec } from './scenario.ts';

/**
 * How a harm is taken back, as data: it is on disk before the harm is done, so that it can be undone though nobody of
 * the run lives any more (`forkpoint heal`). Each is idempotent, and harmless where there was no harm.
 */
export type Undo =
  | { readonly do: 'clearRules' | 'unshape'; readonly node: string; readonly tag: string }
  /** Lets frozen processes go on. */
  | { readonly do: 'resume'; readonly node: string; readonly target: ProcessTarget }
  /** Starts whatever of the target does not run. */
  | { readonly do: 'start'; readonly node: string; readonly target: ProcessTarget }
  | { readonly do: 'resumeDcs' | 'startDcs'; readonly member: string }
  | { readonly do: 'freeDisk'; readonly node: string; readonly area: DiskArea }
  | { readonly do: 'resetClock'; readonly node: string }
  | { readonly do: 'resumePatroni' | 'resumeLoad' }
  /** One statement on one member; `leader` is whoever leads then. A member that stays down is an error. */
  | {
      readonly do: 'sql';
      readonly node: string;
      readonly text: string;
      readonly values?: readonly (string | number | boolean | null)[];
    }
  | { readonly do: 'exec'; readonly node: string; readonly argv: readonly string[] };

/** The run's load, for faults that must know or decide what is written when. */
export interface LoadControl {
  /** Writes acknowledged so far; at most 250 ms old while the load runs, exact while it is held. */
  readonly acknowledged: number;
  /** Rows of one insert, and so writes of one operation. */
  readonly batch: number;
  /** Starts no new operation; resolves when none is under way. */
  hold(signal: AbortSignal): Promise<void>;
  /**
   * While held: lets this many operations start, all clients together, and resolves when each has its outcome.
   * Returns how many writes were acknowledged; holds again afterwards. Errors: ClusterError when the load is not held, or
   * is over first.
   */
  allow(operations: number, signal: AbortSignal): Promise<number>;
  /** Goes on as planned; what was held back is not made up for. Harmless when it runs. */
  resume(): Promise<void>;
}

export interface ProcessHarm {
  /** `node`: Patroni and PostgreSQL. */
  readonly of: ProcessTarget;
  /** What they are from then on; `alive`: it signals them, and they run again by themselves soon after. */
  readonly become: 'dead' | 'frozen' | 'alive';
  /** It asks them to end by themselves, which what is frozen cannot. */
  readonly isOrderly?: true;
}

/** What the planner and the judge must know of a fault, so that neither knows one by its name. */
export interface FaultEffects {
  /** It asks Patroni for a promotion, which is no failover then; what it returns names `from` and `to` where it knows them. */
  readonly asksForPromotion?: true;
  /** The leader certainly stays leader, though the fault has no target. */
  readonly keepsLeader?: true;
  /**
   * Whose server may end or start because of it: `none`; its `targets`, the leader, and every node once another one leads;
   * or `any` (also where nothing is said). All else is unplanned.
   */
  readonly servers?: 'none' | 'targets' | 'any';
}

export interface FaultContext {
  readonly cluster: Cluster;
  /** 0 <= x < 1, from the run's seed: the only randomness a fault may use. */
  random(): number;
  readonly signal: AbortSignal;
  readonly load: LoadControl;
  /** Journals and registers an undo: call it before the harm. Undos run in reverse order. */
  readonly undo: (step: Undo) => void;
  /** The injection's id, unique in the run: tag what you change with it. */
  readonly id: string;
}

export interface LookContext extends Pick<FaultContext, 'cluster' | 'id' | 'signal'> {
  /** What `inject` returned. */
  readonly detail: Json;
}

/** One kind of harm. The file's name is its name in YAML. */
export interface Fault<P = Json> {
  /** One sentence: what is done to the target. */
  readonly summary: string;
  needs(params: P): readonly CapabilityName[];
  readonly params: Schema<P>;
  /** One right set of its keys as a file would say them: for the conformance suite, where a key has no default. */
  readonly example?: Json;
  /** `none`: it acts on the cluster as a whole and takes no target. `any`: with or without one. */
  readonly targets: 'nodes' | 'none' | 'any';
  /** What in these params makes no sense for nodes of these names, or for this load; the planner refuses it. */
  problems?(params: P, nodeNames: readonly string[], load: LoadSpec): readonly SchemaIssue[];
  /** It only marks a moment: a report names it as the cause of nothing. */
  readonly isHarmless?: true;
  /** What it does to processes, for the planner: nobody can freeze what is dead. */
  processes?(params: P): ProcessHarm;
  readonly effects?: FaultEffects;
  /** Resolves when the harm is in force on all targets. Returns what the journal should remember. */
  inject(targets: readonly Node[], params: P, context: FaultContext): Promise<Json>;
  /**
   * For a harm that others can undo (Patroni, an administrator): why it is no longer in force, in words; undefined while it
   * is. Asked every other second and right before it is healed; one that has lapsed makes the run unknown. Only looks.
   * Errors: whatever keeps it from seeing.
   */
  lapsed?(targets: readonly Node[], params: P, context: LookContext): Promise<string | undefined>;
}
