import type { OperationKind, Outcome } from './evidence.ts';

/** Milliseconds; undefined figures of no operation are no figures: see `Figures`. */
export interface LatencyFigures {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface ClientFigures {
  /** Open connections. */
  readonly connected: number;
  /** Operations that were sent and not answered yet. */
  readonly inFlight: number;
  /** Open loop: operations that are due and were not sent yet. */
  readonly unstarted: number;
  /** Pausing before they send an operation again; absent: clients do not retry. */
  readonly backingOff?: number;
}

/** Of reads that got their answer, or none, in the stretch. */
export interface ReadFigures {
  readonly answered: number;
  readonly failed: number;
  /** Of the answered ones, from the intended start; null without one. To 3 %, the longest exactly. */
  readonly latencyMs: LatencyFigures | null;
  /** The same of the read alone: without what a reader asks before it. */
  readonly serviceMs: LatencyFigures | null;
}

export type GroupFigures = Pick<
  Figures,
  | 'operations'
  | 'rows'
  | 'retried'
  | 'errors'
  | 'latencyMs'
  | 'serviceMs'
  | 'reads'
  | 'clients'
  | 'bytes'
>;

/** What the clients did in one stretch of the load, by the moment of each answer: a line of timeseries.jsonl. */
export interface Figures {
  /** Of its beginning, in milliseconds since the start of the load. */
  readonly atMs: number;
  readonly lengthMs: number;
  readonly operations: Readonly<Record<OperationKind, Readonly<Record<Outcome, number>>>>;
  /** Rows of acknowledged operations. */
  readonly rows: number;
  /** Attempts that failed and were sent again; absent: an older version. */
  readonly retried?: number;
  /** SQLSTATE ('' when no server said one) -> failed and indeterminate attempts. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of acknowledged operations, from the intended start; null without one. */
  readonly latencyMs: LatencyFigures | null;
  /** The same from the moment of sending: without the time that an operation waited for a free client. */
  readonly serviceMs: LatencyFigures | null;
  /** Of readers and of clients that read; of a group, of its clients. Absent: the load reads nothing, or an older version. */
  readonly reads?: ReadFigures;
  /** The same of each group's clients alone, by its name; absent where the load has none. */
  readonly groups?: Readonly<Record<string, GroupFigures>>;
  /** The clients at its end: absent where it is counted from journals afterwards. */
  readonly clients?: ClientFigures;
  /** On the clients' connections in it, what is asked before a read with it; absent as `clients`, or an older version. */
  readonly bytes?: { readonly sent: number; readonly received: number };
}
