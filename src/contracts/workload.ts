import type { Json, Schema } from './json.ts';
import type { WorkloadFile } from './scenario.ts';
import type { Outcome, OperationKind } from './evidence.ts';

/** A statement for the driver: identifiers already quoted, values bound. `name` makes it a prepared one. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** The rows of `COPY ... FROM STDIN`, in the format that the text names. Only in `before`: COPY answers with no row. */
  readonly copied?: Uint8Array;
  /** Fewest and most rows that it may touch or return; else its transaction is rolled back, and has failed. Only in `before`. */
  readonly touches?: readonly [least: number, most: number];
  /** Where the text comes from, for statements of a file of the user's. */
  readonly source?: StatementSource;
}

/** Positions of a statement's text in a file. */
export interface StatementSource {
  readonly file: string;
  /** The names there of `$1`, `$2`, ... */
  readonly parameters?: readonly string[];
  /**
   * Ascending by `at`, a 0-based offset in the statement's text; line and column are 1-based. Up to the next mark the text runs
   * as in the file.
   */
  readonly marks: readonly {
    readonly at: number;
    readonly line: number;
    readonly column: number;
  }[];
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
  /** Sent before it in the same transaction. Absent: the statement is the transaction. */
  readonly before?: readonly Statement[];
  /** What begins the transaction; default: `BEGIN`. */
  readonly begin?: string;
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
  /** Where `payload` is a range: its upper end, and `payloadBytes` is the lower one. */
  readonly payloadMostBytes?: number;
  readonly params: P;
  /** By the key that names it; every key of the workload's `files`. */
  readonly files?: Readonly<Record<string, WorkloadFile>>;
}

/** What is known of a context before anything boots. */
export type PlannedWorkload<P> = Omit<WorkloadContext<P>, 'schema' | 'runId' | 'seed'>;

/** What a workload cannot do with what the scenario says, known before anything boots. */
export interface WorkloadProblem {
  readonly message: string;
  /** The key of `load:` that it is about. */
  readonly key: string;
  /** The position in the file that the key names. */
  readonly line?: number;
  readonly column?: number;
}

/** A transaction as clients will send it, tried once and rolled back before the load. */
export interface Rehearsal {
  /** 'transaction pay'. */
  readonly name: string;
  readonly statements: readonly Statement[];
  /** What its statements were tried with, for messages: `:id = 7`. */
  readonly values: string;
  /** It may find nothing to write with these values; otherwise it must write. */
  readonly mayWriteNothing: boolean;
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
  /** UNLOGGED: no replica has its rows, and the end of a recovery, after a crash or by a promotion, empties it. */
  readonly isUnlogged?: true;
  /** Number of the writer whose rows were there before the load, below 0: invariants judge them, and the ledger leaves them out. */
  readonly seedWriter?: number;
  /**
   * DDL of the columns after the five, as in its CREATE TABLE, name and type first: by them lost rows are decoded from WAL. Types
   * that are decoded: int, bigint, bigserial, timestamptz, text. Absent: it has none.
   */
  readonly columns?: readonly string[];
}

/**
 * What must hold on every node, whatever was lost: asked at read-back in the snapshot that the rows are read in, so of a state
 * that commits have left.
 */
export interface Invariant {
  /** Unique in its workload: 'money'. */
  readonly name: string;
  /** In words: 'transfers neither make nor destroy money'. */
  readonly says: string;
  /** A SELECT of one row for each breach, and of none where it holds. Tables are qualified; it only reads. */
  readonly statement: Statement;
}

/** One query of a reader. It only reads: its sessions refuse to write. */
export interface Read {
  /** What it looks at: 'total'. */
  readonly name: string;
  /** Whom it asks, the nodes of a kind in turn. A node's role is looked up just before. */
  readonly on: 'primary' | 'replica' | 'any';
  readonly statement: Statement;
  /** What is kept of the rows of its answer, for checks to judge; at most 1,000 characters as JSON. */
  keep(rows: readonly Readonly<Record<string, unknown>>[]): Json;
}

/** Reads beside the writers, on connections of its own. */
export interface Reader {
  next(): Read;
}

interface AnyWorkload<P> {
  readonly summary: string;
  readonly params: Schema<P>;
  /** One right set of its keys as a file would say them: for the conformance suite, where a key has no default. */
  readonly example?: Json;
  /** Keys of its own whose value is the path of a text file, relative to the scenario's: `context.files` has them. */
  readonly files?: readonly string[];
  /** The texts of the files that `example` names, by key: for the conformance suite. */
  readonly exampleFiles?: Readonly<Record<string, string>>;
  /** Keys of `load:` among these that have an effect on it; a scenario that gives another is refused. Default: all. */
  readonly uses?: readonly ('mix' | 'batch' | 'payload')[];
  /**
   * Whether a writer may be asked for its next operation before the last one has its outcome: each is one prepared statement.
   * Outcomes are settled in the order of the operations. Default: false.
   */
  readonly pipelines?: boolean;
  /** What makes no sense in its keys and files, beyond what `params` refuses. */
  problems?(planned: PlannedWorkload<P>): readonly WorkloadProblem[];
  /** Tried after `setup`: what the server refuses, and what writes nothing, is the author's to mend, with its position. */
  rehearsals?(context: WorkloadContext<P>): readonly Rehearsal[];
  invariants?(context: WorkloadContext<P>): readonly Invariant[];
  /** Reader `reader` of as many as `load.readers` says; absent: this workload has no reads. */
  reader?(reader: number, context: WorkloadContext<P>): Reader;
}

/** Its own rows carry the identity: each operation is one statement, and its table is read back. */
export interface RowsWorkload<P = Json> extends AnyWorkload<P> {
  readonly tracking: 'rows';
  /** DDL and marker row, run once on the primary before the load; in order, each its own transaction. */
  setup(context: WorkloadContext<P>): readonly Statement[];
  writer(writer: number, context: WorkloadContext<P>): Writer;
  table(params: P): TrackedTable;
}

/** Statements of one transaction, decided before it is sent. */
export interface Transaction {
  /** Dense and ascending from 0, never reused: the identity of the transaction. */
  readonly seq: number;
  readonly statements: readonly Statement[];
}

/** One connection's transactions. */
export interface TransactionWriter {
  next(): Transaction;
  settle(transaction: Transaction, outcome: Outcome): void;
}

/**
 * Any SQL. Forkpoint writes a witness row (writer, seq) as the last statement before COMMIT: whether it is there is whether the
 * transaction is. That the rest of the transaction came along is for `invariants` to say; the table `witness` is in the schema.
 */
export interface WitnessWorkload<P = Json> extends AnyWorkload<P> {
  readonly tracking: 'witness';
  /** DDL and first rows; schema, marker row and table `witness` are there by then. In order, each its own transaction. */
  setup(context: WorkloadContext<P>): readonly Statement[];
  writer(writer: number, context: WorkloadContext<P>): TransactionWriter;
}

export type Workload<P = Json> = RowsWorkload<P> | WitnessWorkload<P>;
