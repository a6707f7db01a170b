import type { Json } from '../json.ts';

/** Inclusive ranges [from, to], ascending, with gaps between them. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** One writer's key space on one node. */
export interface WriterReading {
  readonly writer: number;
  readonly present: Ranges;
  /** [seq, version] of every present row whose version is not 0. */
  readonly versions: readonly (readonly [seq: number, version: number])[];
  /** Rows whose content differs from their checksum or from what was sent. */
  readonly corrupted: readonly number[];
  /** [seq, copies] where copies > 1. */
  readonly duplicated: readonly (readonly [seq: number, copies: number])[];
}

export interface PartitionRows {
  readonly name: string;
  readonly rows: number;
}

export interface TableReading {
  /** Whose it is; absent: the load's own. */
  readonly group?: string;
  readonly rows: number;
  readonly partitions: readonly PartitionRows[];
}

/** One node read back. `unverifiable` is not a kind of lost. */
export interface NodeReading {
  readonly node: string;
  readonly status: 'read' | 'unverifiable';
  readonly reason?: string;
  readonly role: 'primary' | 'replica' | 'down';
  readonly timeline?: number;
  readonly lsn?: string;
  readonly lagBytes?: number;
  readonly rows: number;
  /** Of these, rows without an owner: their writer or seq is NULL. Absent if there are none. */
  readonly unkeyed?: number;
  readonly ms: number;
  readonly writers: readonly WriterReading[];
  /** Writer numbers that are no writer of this run, with rows found (capped at 1,000 seqs each). */
  readonly foreign: readonly {
    readonly writer: number;
    readonly count: number;
    readonly seqs: readonly number[];
  }[];
  /** Per table partition: rows found; empty where there are none. */
  readonly partitions: readonly PartitionRows[];
  /** Of each table, where groups of clients have tables of their own: `partitions` is empty then. The load's own is the first. */
  readonly tables?: readonly TableReading[];
  /** Server-made ids found, if the workload journals them. */
  readonly ids?: Ranges;
  /** What the workload's invariants gave in the same snapshot; absent where it has none, or nothing was read. */
  readonly invariants?: readonly InvariantReading[];
  /** Damage found by amcheck or by the read itself. */
  readonly structure: readonly { readonly relation: string; readonly message: string }[];
}

export interface InvariantReading {
  readonly name: string;
  /** Rows that break it; null: it could not be asked. */
  readonly breaches: number | null;
  /** The first of these rows. */
  readonly examples: readonly Json[];
  /** Why it could not be asked. */
  readonly problem?: string;
}

/** A row of pg_replication_slots. */
export interface SlotState {
  readonly name: string;
  readonly isActive: boolean;
  /** reserved, extended, unreserved or lost; null: it retains nothing yet. */
  readonly walStatus: string | null;
}

/** readback.json */
export interface ReadBack {
  readonly schemaVersion: 1;
  readonly runId: string;
  /** The node whose content is the reference for judging; undefined when there was no single leader. */
  readonly primary?: string;
  readonly converged: {
    readonly ok: boolean;
    readonly reason?: string;
    readonly ms: number;
    /** The primary's timeline then; absent: unknown, or an older version. */
    readonly timeline?: number;
    /** Which nodes had not come back at the timeout, and the last state of each. */
    readonly nodes?: readonly {
      readonly node: string;
      readonly what: string;
      /** It has replayed more of the primary's timeline than the primary has: another history of the same number. */
      readonly isAhead?: boolean;
    }[];
    /** The primary's slots, if convergence failed. */
    readonly slots?: readonly SlotState[] | undefined;
  };
  readonly nodes: readonly NodeReading[];
  readonly contentChecked: boolean;
  /** The rows were in an unlogged table. */
  readonly isUnlogged?: true;
  /** What the workload says must hold; absent where it says nothing. */
  readonly invariants?: readonly { readonly name: string; readonly says: string }[];
  readonly ms: number;
  /** Text of pg_wal/*.history of the final primary, by timeline: forks[timeline] = its ancestors. */
  readonly history: readonly {
    readonly timeline: number;
    readonly ancestors: readonly {
      readonly timeline: number;
      readonly lsn: string;
      readonly reason: string;
    }[];
  }[];
  /** The final primary's WAL before the forks of its timeline history. Absent: not read, or no longer there. */
  readonly commits?: readonly ForkCommits[];
}

/** The transactions committed shortly before a fork, in the order of their commits. */
export interface ForkCommits {
  /** The timeline that ends there. */
  readonly timeline: number;
  /** The fork point. */
  readonly lsn: string;
  /** From here on every record up to the fork was seen. */
  readonly fromLsn: string;
  readonly transactions: readonly {
    /** Start of its commit record. */
    readonly commit: string;
    /** The insert position after its last record before that; null: it is before `fromLsn`. */
    readonly lastRecord: string | null;
  }[];
  /**
   * The insert positions after the last records of the transactions that were open at the fork: what they wrote was committed
   * past it, if at all. Absent: an older version.
   */
  readonly open?: readonly string[];
}
