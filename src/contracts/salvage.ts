import type { OperationKind } from './evidence.ts';

/**
 * What became of a lost row on the primary since. absent: no such row. unchanged: as it was before the lost write. overwritten:
 * written again. deleted: the updated row is gone. present: it is there as it was lost. unknown: the primary was not asked.
 */
export type ConflictClass =
  'absent' | 'unchanged' | 'overwritten' | 'deleted' | 'present' | 'unknown';

/** A table, its names not quoted. */
export interface SalvageTable {
  readonly schema: string;
  readonly name: string;
  /** Columns of its primary key, in its order; empty: it has none. */
  readonly key: readonly string[];
  /** Columns that an INSERT may name. */
  readonly columns: readonly string[];
  /** Of these, columns that no UPDATE may name: the server makes their values. */
  readonly made: readonly string[];
}

/** One row that a lost write left behind on the old primary. */
export interface SalvagedRow {
  readonly table: SalvageTable;
  /** Of the lost write. */
  readonly writer: number;
  readonly seq: number;
  /** delete: the lost write removed it, so `lost` is null. Of a transaction of one's own SQL: insert also for what it updated. */
  readonly kind: OperationKind;
  readonly xid: string | null;
  /** The row as JSON text of PostgreSQL's to_jsonb, key first. */
  readonly key: string;
  readonly lost: string | null;
  readonly present: string | null;
  readonly conflict: ConflictClass;
  /** Whether its content has the checksum that the client made before sending; null: it has none. */
  readonly isAsSent: boolean | null;
  /** Decoded from WAL; absent: read from a copy. */
  readonly isFromWal?: true;
}

/** A lost transaction of a workload whose tables Forkpoint does not know, by its witness row. */
export interface SalvagedTransaction {
  readonly rows: readonly SalvagedRow[];
  /** Each of its statements left a row that is still to be seen. */
  readonly isComplete: boolean;
}

/** salvage.json */
export interface SalvageSummary {
  readonly schemaVersion: 1;
  readonly runId: string;
  /** Acknowledged writes: rows, versions of rows, or transactions. */
  readonly lost: number;
  readonly salvaged: number;
  readonly unsalvageable: readonly { readonly why: string; readonly writes: number }[];
  /** Salvaged rows whose content is not what the client sent. */
  readonly notAsSent: number;
  readonly rows: number;
  readonly conflicts: Readonly<Partial<Record<ConflictClass, number>>>;
  /** Writes that salvage.sql puts back. */
  readonly putBack: number;
  /** Folders of the evidence that was read, and why others could not be. */
  readonly copies: readonly string[];
  /** What each of `copies` ran in: 'a container of forkpoint-cluster:pg17'. Absent: an older version. */
  readonly readIn?: readonly string[];
  /** Of `salvaged`: decoded from WAL, which is partial: rows that it has whole, of tables that Forkpoint tracks. Absent: an older version. */
  readonly fromWal?: number;
  /** Folders of the evidence whose WAL was decoded. Absent: an older version. */
  readonly walRead?: readonly string[];
  readonly problems: readonly string[];
  readonly ms: number;
}
