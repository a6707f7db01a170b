import type { CapabilityName, Cluster, Node } from './cluster.ts';
import type { Json, Schema, SchemaIssue } from './json.ts';

export interface FaultContext {
  readonly cluster: Cluster;
  /** 0 <= x < 1, from the run's seed: the only randomness a fault may use. */
  random(): number;
  readonly signal: AbortSignal;
  /** Register the undo here before doing the harm. Undos run in reverse order, must be idempotent, and
   * must be harmless if the harm never happened. */
  readonly heal: AsyncDisposableStack;
  /** The injection's id, unique in the run: tag what you change with it. */
  readonly id: string;
}

/** One kind of harm. The file's name is its name in YAML. */
export interface Fault<P = Json> {
  /** One sentence: what is done to the target. */
  readonly summary: string;
  needs(params: P): readonly CapabilityName[];
  readonly params: Schema<P>;
  /** `none`: it acts on the cluster as a whole and takes no target. */
  readonly targets: 'nodes' | 'none';
  /** What in these params makes no sense for nodes of these names; the planner refuses it. */
  problems?(params: P, nodeNames: readonly string[]): readonly SchemaIssue[];
  /** Resolves when the harm is in force on all targets. Returns what the journal should remember. */
  inject(targets: readonly Node[], params: P, context: FaultContext): Promise<Json>;
}
