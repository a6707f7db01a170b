/** Consumers of the run's tables, outside of the cluster: what a scenario says of them, what they say, and what their sink holds. */
import type { Endpoint } from './endpoint.ts';
import type { OperationKind } from './evidence/journal.ts';

/** One entry of `downstream:`. */
export interface DownstreamSpec {
  readonly name: string;
  readonly consumer: ConsumerKind;
  /** Its logical replication slot on the primary; absent: one of its own that Forkpoint does not know of, or none. */
  readonly slot?: string;
  /** Its slot is a failover slot: replicas whose `sync_replication_slots` is on keep a copy of it. From PostgreSQL 17 on. */
  readonly failover?: true;
  /** Started in place of the shipped consumer, with the same input: its own arguments. Absent: the shipped one, or none. */
  readonly command?: readonly string[];
  /** Where somebody else's consumer writes to. */
  readonly sink?: QueriedSink;
  /** It writes to a file in the run's folder instead of the lab's sink. */
  readonly writesTo?: 'file';
}

/**
 * cdc: ships with Forkpoint. subscription: PostgreSQL's own logical replication, into the sink of the lab. own: somebody else's, of which
 * only its sink is known.
 */
export type ConsumerKind = 'cdc' | 'subscription' | 'own';

export interface QueriedSink {
  /** libpq's connection string, without a password. */
  readonly dsn: string;
  /** Gives `writer` and `seq` of each delivered write, and `sound` if it can tell. `{table}`: the load's table, as it is named at the source. */
  readonly query: string;
}

/** What a consumer is started with: one line of JSON on its standard input, which stays open as long as the harness lives. */
export interface ConsumerInput {
  readonly name: string;
  readonly slot: string;
  readonly publication: string;
  /** The first consumer begins here: all that is committed later should be delivered. */
  readonly fromLsn: string;
  /** The timeline of that position. */
  readonly timeline: number;
  readonly nodes: readonly SourceNode[];
  readonly source: Login;
  /** The sink of the lab; absent: there is none. */
  readonly sink?: Login & { readonly host: string; readonly port: number };
  /** A file that takes the place of the sink; its lines are those of `src/downstream/sink-file.ts`. Absent: there is none. */
  readonly sinkFile?: string;
  /** Where it keeps what its sink has not taken yet. */
  readonly folder: string;
}

export interface SourceNode extends Endpoint {
  readonly name: string;
}

export interface Login {
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

/** A line of a consumer's standard output. `atNs`: CLOCK_MONOTONIC, as text. */
export type ConsumerLine = { readonly atNs: string } & (
  | { readonly type: 'started'; readonly pid: number }
  /** It reads from this node now, from this position on. */
  | {
      readonly type: 'streaming';
      readonly node: string;
      readonly timeline: number;
      readonly fromLsn: string;
    }
  /** Its sink has committed so far: batches are numbered from 1 in the sink. */
  | {
      readonly type: 'delivered';
      readonly batch: number;
      readonly changes: number;
      readonly lsn: string;
    }
  /** What it found to be gone: it cannot deliver what was committed after `fromLsn`, up to `toLsn`. */
  | {
      readonly type: 'gap';
      readonly fromLsn: string;
      readonly toLsn: string;
      readonly why: string;
    }
  /** It tried in vain, and tries again. `waitsFor`: it does nothing else until that is back; the sink says so with the next delivery. */
  | { readonly type: 'retry'; readonly what: string; readonly waitsFor?: 'source' | 'sink' }
  | ConsumerStateLine
  /** It ends; `isAsked`: because it was asked to. */
  | { readonly type: 'stopped'; readonly isAsked: boolean; readonly why: string }
  /** Said by the harness: the process is gone. */
  | { readonly type: 'ended'; readonly how: string }
  /** Said by the harness: it got SIGSTOP, or SIGCONT. */
  | { readonly type: 'frozen' }
  | { readonly type: 'thawed' }
);

/** About once a second. */
export interface ConsumerStateLine {
  readonly type: 'state';
  /** What its sink has committed. */
  readonly confirmedLsn: string;
  /** Batches that wait for the sink, and their bytes on disk. */
  readonly stagedBatches: number;
  readonly stagedBytes: number;
  /** Attempts at its source and its sink that failed, since it started. */
  readonly failedAttempts: number;
  /** Age of the oldest change that it has received and that is not in the sink, by the source's clock; 0: there is none. Absent: it reads no stream. */
  readonly lagMs?: number;
}

/** A line as it is stored. `isSecond`: of the process that a fault started beside the consumer. */
export type StoredLine = ConsumerLine & { readonly isSecond?: true };

/** One change in a sink, in the order in which the sink has them. */
export interface DeliveredChange {
  /** null: the sink does not keep it. */
  readonly batch: number | null;
  readonly kind: OperationKind;
  readonly writer: number;
  readonly seq: number;
  /** The row's, after the change; 0 of a delete. */
  readonly version: number;
  /** Of its transaction's commit record; null: the sink does not keep it. */
  readonly lsn: bigint | null;
  /** Its content is what its client sent; null: the sink does not say, or it is a delete, which has none. */
  readonly isSound: boolean | null;
}

/** What was read of a sink at the end. `unverifiable` is not a kind of missing. */
export type SinkReading =
  | {
      readonly status: 'read';
      /** The sink's own word of how far it has come; null: nothing was ever confirmed. */
      readonly confirmed: bigint | null;
      readonly changes: readonly DeliveredChange[];
      /** Microseconds since the start of the load. */
      readonly readAtUs: number;
    }
  | { readonly status: 'unverifiable'; readonly reason: string };

/** A range of WAL that a consumer said it cannot deliver: after `from`, up to `to`. */
export interface NamedGap {
  readonly from: bigint;
  readonly to: bigint;
  readonly why: string;
}

/** `atUs`: microseconds since the start of the load. */
export type TimedLine = StoredLine & { readonly atUs: number };

/** A consumer as a run's folder has it. */
export interface StoredConsumer {
  readonly name: string;
  readonly consumer: ConsumerKind;
  readonly lines: readonly TimedLine[];
  readonly sink: SinkReading;
}

/** The first line of a stored sink; each other one is a change. */
export interface SinkHead {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly status: SinkReading['status'];
  readonly reason?: string;
  readonly confirmed: string | null;
  readonly readAtNs: string;
}

/** [batch, writer, seq, version, commit LSN, whether its content is sound, what it is if not an insert] */
export type StoredChange = readonly [
  batch: number | null,
  writer: number,
  seq: number,
  version: number,
  lsn: string | null,
  isSound: boolean | null,
  kind?: Exclude<OperationKind, 'insert'>,
];
