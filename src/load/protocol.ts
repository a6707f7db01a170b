import type { Credentials } from '../contracts/cluster.ts';
import type { Json } from '../contracts/json.ts';
import type { LoadSpec } from '../contracts/scenario.ts';
import type { WorkloadContext } from '../contracts/workload.ts';
import type { Bytes } from '../pg/session.ts';
import type { Identities } from '../routes/identity.ts';
import type { WorkerRoute } from '../routes/worker-route.ts';
import type { WorkloadSource } from './workload-source.ts';
import { addBytes } from './bytes.ts';
import type { Member } from './member.ts';
import type { ReachChange } from './reachability.ts';

/** Messages between the supervisor and its worker processes. */
export type ToWorker =
  | { readonly type: 'spec'; readonly spec: WorkerSpec }
  /** Answered by `up`: for a worker that started before anybody listened. */
  | { readonly type: 'hello' }
  /** Asks for the worker's time. */
  | { readonly type: 'clock'; readonly request: number }
  /** Starts the load at this moment of the worker's own CLOCK_MONOTONIC. */
  | { readonly type: 'start'; readonly originNs: string }
  /** Members have other addresses from now on: those of new connections. */
  | { readonly type: 'members'; readonly members: readonly Member[] }
  /** No new operations; those in progress end within their deadline. */
  | { readonly type: 'stop' }
  /** No new operations; answered when none is in progress. */
  | { readonly type: 'hold'; readonly request: number }
  /** While held: answered when this many more operations have their outcome. */
  | { readonly type: 'allow'; readonly request: number; readonly operations: number }
  | { readonly type: 'resume' };

export type FromWorker =
  /** Ready to receive the spec. `kernel`: see kernelOf. */
  | { readonly type: 'up'; readonly kernel: string }
  | { readonly type: 'clock'; readonly request: number; readonly nowNs: string }
  /** Not ready yet, and the last answer of each member. */
  | { readonly type: 'waiting'; readonly because: string }
  /** Every connection is open and proved writable. */
  | { readonly type: 'ready' }
  /** The load has begun here, so long after its start by this worker's clock. */
  | { readonly type: 'begun'; readonly lateUs: number }
  /** Cumulative. */
  | { readonly type: 'progress'; readonly stats: LoadStats }
  /** From one worker only, at the load's own site. */
  | { readonly type: 'reach'; readonly change: ReachChange }
  /** A `hold` or an `allow` is done; the stats are exact, because nothing is in progress. */
  | { readonly type: 'held'; readonly request: number; readonly stats: LoadStats }
  /** The journal is complete and closed: its last frame came before this message. */
  | { readonly type: 'done'; readonly stats: LoadStats }
  | { readonly type: 'failed'; readonly error: WorkerFailure };

export interface WorkerFailure {
  /** Name of the error's class, if it is one of Forkpoint's. */
  readonly name: string;
  readonly message: string;
}

/** Writers firstWriter .. firstWriter+clients-1, and the load as they have it. */
export interface GroupWork {
  readonly firstWriter: number;
  readonly clients: number;
  readonly load: LoadSpec;
  readonly context: WorkloadContext<Json>;
  readonly workload: WorkloadSource;
}

/** Sent on standard input, never in argv or environment: it holds the password. */
export interface WorkerSpec {
  readonly worker: number;
  /** Number of worker processes of the load; the open loop's schedule is divided among them. */
  readonly workers: number;
  readonly firstWriter: number;
  readonly writers: number;
  /** In place of a worker that was lost; absent: from the start of the load. */
  readonly instead?: Replacement;
  /** Readers firstReader .. firstReader+readers-1. */
  readonly firstReader: number;
  readonly readers: number;
  /** It keeps what is read: it has readers, clients that read, or the heartbeat. */
  readonly observes: boolean;
  readonly members: readonly Member[];
  /** Every route of the load; a worker uses those of its own writers. */
  readonly routes: readonly WorkerRoute[];
  readonly identities: Identities;
  readonly credentials: Credentials;
  readonly load: LoadSpec;
  /** Of the load's own workload. */
  readonly context: WorkloadContext<Json>;
  readonly workload: WorkloadSource;
  /** What the clients of each group do; absent: the load has none. */
  readonly groups?: readonly GroupWork[];
  /** The client site that it runs on. */
  readonly site: string;
  /** One worker of the load: it writes the heartbeat, and watches which nodes answer at the load's own site. */
  readonly isHome: boolean;
  /** False: nothing is journaled. Only for measuring the cost of journaling. */
  readonly isTracked: boolean;
}

/**
 * It has the place of a lost worker in the schedule, under new names: what became of the last operations of the lost writers is
 * unknown, so none of them is continued.
 */
export interface Replacement {
  /** Its number, as its journal says. */
  readonly worker: number;
  /** Of its writers, as journal and rows have them. */
  readonly firstIdentity: number;
}

/** What clients do now. */
export interface ClientStats {
  readonly inFlight: number;
  /** Open connections now. */
  readonly connected: number;
  /** Open loop: intended starts that are overdue now; at the end, those never started, which are no attempts. */
  readonly unstarted: number;
  /** Clients that pause before they send an operation again; absent: clients do not retry. */
  readonly backingOff?: number;
  /** Of their connections since the load began to connect; absent: not counted. */
  readonly bytes?: Bytes;
}

/** Counts of operations, not of rows. */
export interface LoadStats extends ClientStats {
  readonly acknowledged: number;
  readonly localOnly: number;
  readonly failed: number;
  readonly indeterminate: number;
  /** Rows of acknowledged operations. */
  readonly rows: number;
  /** SQLSTATE ('' when no server said one) -> failed and indeterminate operations. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of each group, in the order of the plan; absent: the load has none. */
  readonly groups?: readonly ClientStats[];
  /** Longest delay of this process: beyond a few ms, latencies are partly the harness's own. */
  readonly maxLoopDelayMs: number;
}

export const noStats: LoadStats = {
  acknowledged: 0,
  localOnly: 0,
  failed: 0,
  indeterminate: 0,
  rows: 0,
  inFlight: 0,
  connected: 0,
  errors: {},
  unstarted: 0,
  maxLoopDelayMs: 0,
};

export function addStats(a: LoadStats, b: LoadStats): LoadStats {
  const errors: Record<string, number> = { ...a.errors };
  for (const [sqlState, count] of Object.entries(b.errors)) {
    errors[sqlState] = (errors[sqlState] ?? 0) + count;
  }
  const groups = (a.groups ?? b.groups)?.map((_, at) => {
    const [one, other] = [a.groups?.[at], b.groups?.[at]];
    return one && other ? addClients(one, other) : (one ?? other ?? noStats);
  });
  return {
    ...addClients(a, b),
    ...(groups && { groups }),
    acknowledged: a.acknowledged + b.acknowledged,
    localOnly: a.localOnly + b.localOnly,
    failed: a.failed + b.failed,
    indeterminate: a.indeterminate + b.indeterminate,
    rows: a.rows + b.rows,
    errors,
    maxLoopDelayMs: Math.max(a.maxLoopDelayMs, b.maxLoopDelayMs),
  };
}

function addClients(a: ClientStats, b: ClientStats): ClientStats {
  const backingOff = (a.backingOff ?? 0) + (b.backingOff ?? 0);
  const isRetrying = a.backingOff !== undefined || b.backingOff !== undefined;
  const bytes = a.bytes && b.bytes ? addBytes(a.bytes, b.bytes) : (a.bytes ?? b.bytes);
  return {
    ...(isRetrying && { backingOff }),
    ...(bytes && { bytes }),
    inFlight: a.inFlight + b.inFlight,
    connected: a.connected + b.connected,
    unstarted: a.unstarted + b.unstarted,
  };
}
