import type { Json, Schema } from './json.ts';
import type { Outcome, OperationKind } from './evidence.ts';

/** A statement for the driver: identifiers already quoted, values bound. `name` makes it a prepared one. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** One operation of one writer, decided before it is sent. */
export interface Operation {
  readonly kind: OperationKind;
  /** First row of the operation in the writer's key space. */
  readonly seq: number;
  /** Rows seq .. seq+count-1. */
  readonly count: number;
  /** Version the operation writes; 0 for an insert. */
  readonly version: number;
  /**
   * Its result must be one row with `lsn` (text), `timeline` (8 hex digits) and `touched` (rows written),
   * taken by the server in the same statement; `ids` (bigint as text) where the workload journals them.
   */
  readonly statement: Statement;
}

/**
 * One connection's key space. `seq` is dense and ascending and never reused, and each row's versions are
 * dense from 1, whatever the outcomes were: the ledger counts on it.
 */
export interface Writer {
  next(): Operation;
  settle(operation: Operation, outcome: Outcome): void;
}

export interface WorkloadContext<P> {
  /** Unquoted name of the run's own schema. */
  readonly schema: string;
  readonly runId: string;
  readonly seed: number;
  readonly mix: { readonly insert: number; readonly update: number; readonly delete: number };
  readonly batch: number;
  readonly payloadBytes: number;
  readonly params: P;
}

/**
 * What read-back must know of a workload's table. Every row has the columns writer int, seq int, version int,
 * checksum bigint, payload text; checksum = PostgreSQL's hashtextextended(payload, version * 2^32 + seq) xor
 * writer, computed by the client before sending.
 */
export interface TrackedTable {
  /** Unquoted; in the run's schema. */
  readonly name: string;
  /** Unquoted names of partitions, in order of their remainder; empty where it has none. */
  readonly partitions: readonly string[];
  /** Column with a server-made id, where the workload journals one. */
  readonly idColumn?: string;
}

export interface Workload<P = Json> {
  readonly summary: string;
  readonly params: Schema<P>;
  /** One right set of its keys as a file would say them: for the conformance suite, where a key has no default. */
  readonly example?: Json;
  /** DDL and marker row, run once on the primary before the load; in order, each its own transaction. */
  setup(context: WorkloadContext<P>): readonly Statement[];
  writer(writer: number, context: WorkloadContext<P>): Writer;
  table(params: P): TrackedTable;
}
