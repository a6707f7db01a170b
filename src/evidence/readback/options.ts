import type { Credentials, Node } from '../../contracts/cluster.ts';
import type { ReadBack } from '../../contracts/evidence.ts';
import type { Invariant, TrackedTable } from '../../contracts/workload.ts';
import type { Expectation, RowHash } from './digest.ts';

/** A server to read; `credentials` where it has others than the cluster. */
export type ReadTarget = Pick<Node, 'name' | 'observer'> & {
  readonly credentials?: Credentials;
  /** Taken out of the cluster on purpose: compared like a replica, whatever it calls itself. */
  readonly isDetached?: boolean;
};

/** The table of a group with a workload of its own. */
export interface GroupTable {
  readonly group: string;
  readonly schema: string;
  readonly table: TrackedTable;
  readonly invariants: readonly Invariant[];
  /** Whether it is this writer's. */
  readonly has: (writer: number) => boolean;
}

export interface ReadBackOptions {
  readonly runId: string;
  readonly nodes: readonly ReadTarget[];
  readonly credentials: Credentials;
  readonly primary: string | undefined;
  readonly converged: ReadBack['converged'];
  /** Of the load's own workload. */
  readonly schema: string;
  readonly table: TrackedTable;
  readonly invariants?: readonly Invariant[];
  /** Of the groups that have workloads of their own; absent: none has. */
  readonly others?: readonly GroupTable[];
  readonly expectations: Iterable<Expectation>;
  readonly rowHash: RowHash;
  readonly content: boolean;
  readonly amcheck: boolean;
  /** Longest wait for a replica to replay what the primary's rows were read with; for tests. */
  readonly replayTimeoutMs?: number;
  readonly signal: AbortSignal;
}
