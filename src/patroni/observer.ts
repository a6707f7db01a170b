import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';

/** One server's report about itself. */
export type Observation =
  | { readonly role: 'down' }
  | {
      readonly role: 'primary' | 'replica';
      readonly timeline: number;
      readonly lsn?: string;
      readonly isStreaming?: boolean;
      readonly startedAt?: string;
      readonly processesSince?: string;
    };

/** One round trip within the topology's 1.5 s: connecting and querying share it. */
const stepTimeoutMs = 600;
/** The same for servers that may be far away: TCP, TLS and scram take six round trips. */
export const farStepTimeoutMs = 2_500;
/** How long a server that did not answer last time delays the callers that query all servers. */
const patienceMs = 100;
const down: Observation = { role: 'down' };

// A primary's timeline is in the name of its current WAL file: pg_control_checkpoint lags after a promotion. A
// replica's is the receiver's; without a receiver, that of the last restart point is the best available.
const question = `
  SELECT recovering,
    CASE WHEN recovering THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
    CASE WHEN recovering
      THEN coalesce(received.received_tli, (SELECT timeline_id FROM pg_control_checkpoint()))
      ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
    END AS timeline,
    coalesce(received.status = 'streaming', false) AS streaming,
    extract(epoch FROM pg_postmaster_start_time())::text AS started_at,
    (SELECT extract(epoch FROM min(backend_start))::text
       FROM pg_stat_activity WHERE backend_type = 'checkpointer') AS processes_since
  FROM (SELECT pg_is_in_recovery() AS recovering) AS here
  LEFT JOIN pg_stat_wal_receiver AS received ON true`;

interface Row {
  readonly recovering: boolean;
  readonly lsn: string | null;
  readonly timeline: number;
  readonly streaming: boolean;
  readonly started_at: string;
  /** null: there is no checkpointer now, or its start is visible only to superusers and monitors. */
  readonly processes_since: string | null;
}

/** Queries one server's role and state, over a session that it keeps as long as it works. */
export class Observer implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #credentials: Credentials;
  readonly #timeoutMs: number;
  #session: Promise<Session> | undefined;
  #isDown = false;
  /** The pending query of a server that was down. */
  #late: Promise<Observation> | undefined;

  constructor(endpoint: Endpoint, credentials: Credentials, timeoutMs = stepTimeoutMs) {
    this.#timeoutMs = timeoutMs;
    this.#endpoint = endpoint;
    this.#credentials = credentials;
  }

  /** Never throws: a server without an answer within about a second is down until its answer comes. */
  async observe(): Promise<Observation> {
    if (!this.#isDown) return this.#note(await this.#try());
    // Otherwise a frozen server would hide for a second at a time what the others do.
    this.#late ??= this.#try().then((found) => {
      this.#late = undefined;
      return this.#note(found);
    });
    return Promise.race([this.#late, sleep(patienceMs, down)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#late;
    // A pending query that has only just begun is awaited.
    await this.#close();
  }

  async #close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    session?.destroy();
  }

  #note(found: Observation): Observation {
    this.#isDown = found.role === 'down';
    return found;
  }

  #try(): Promise<Observation> {
    return this.#ask().catch(() => down);
  }

  async #ask(): Promise<Observation> {
    const session = await this.#open();
    const [row] = await session.rows<Row>(question);
    if (!row) return down;
    const { timeline, lsn, processes_since: processesSince } = row;
    const said = {
      timeline,
      ...(lsn !== null && { lsn }),
      startedAt: row.started_at,
      ...(processesSince !== null && { processesSince }),
    };
    return row.recovering
      ? { ...said, role: 'replica', isStreaming: row.streaming }
      : { ...said, role: 'primary' };
  }

  /** Shared by simultaneous callers; a broken session is replaced. */
  async #open(): Promise<Session> {
    const known = this.#session;
    const session = await known?.catch(() => undefined);
    if (session?.isOpen === true) return session;
    if (this.#session === known) {
      this.#session = connect(this.#endpoint, this.#credentials, {
        connectTimeoutMs: this.#timeoutMs,
        queryTimeoutMs: this.#timeoutMs,
        applicationName: 'forkpoint-observer',
        settings: 'reader',
      });
    }
    return this.#session ?? this.#open();
  }
}
