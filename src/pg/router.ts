import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { firstOfAttempts } from './attempts.ts';
import { connect } from './connect.ts';
import type { Session } from './session.ts';
import { Turns } from './turns.ts';

export interface RouterOptions {
  readonly members: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** For one operation. A server may take as long to accept a connection and to answer the following query. */
  readonly deadlineMs: number;
  /** Ends every wait for a writable member. */
  readonly signal: AbortSignal;
}

export interface WritableSession {
  readonly session: Session;
  /** Index of the member it is connected to. */
  readonly member: number;
}

/** One member may take up to the operations' deadline, within these limits; the others do not wait for it. */
const answerMs = { least: 1_000, most: 30_000 };
/** After this long without an answer another attempt starts: dropped packets are retransmitted at long intervals. */
const patienceMs = 1_000;
/** More logins at once would slow each other down until all are too late. */
const loginsAtOnce = 16;
/** Between two polls of one member: short against any failover, long for a CPU. */
const pauseMs = { least: 50, most: 100 };

/**
 * Finds the member that accepts writes and connects to it: libpq's target_session_attrs=read-write for many connections of
 * one process. Every connection is proved writable before it is handed out; the search is shared, so that 64 broken
 * connections probe no more than one does.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #problems = new Map<string, string>();
  readonly #answerTimeoutMs: number;
  readonly #logins = new Turns(loginsAtOnce);
  #writable: number | undefined;
  #search: Promise<number> | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#answerTimeoutMs = Math.min(Math.max(answerMs.least, options.deadlineMs), answerMs.most);
  }

  /** Tries until it has a writable session. Errors: the signal's reason, nothing else. */
  async connect(): Promise<WritableSession> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      const member = this.#writable ?? (await this.#find());
      const session = await this.#logins.take(() => this.#openUnlessMoved(member));
      if (session) return { session, member };
      this.distrust(member);
      await pause(this.#options.signal);
    }
  }

  /** Called when the member refused a write or broke a connection: the next connection probes all members again. */
  distrust(member: number | undefined): void {
    if (member !== undefined && this.#writable === member) this.#writable = undefined;
  }

  /** The last answer of each member, for a message that explains why there is no connection. */
  describe(): string {
    const { members } = this.#options;
    return members
      .map(({ name }) => `${name}: ${this.#problems.get(name) ?? 'not tried'}`)
      .join('; ');
  }

  #find(): Promise<number> {
    this.#search ??= this.#searchAll().finally(() => {
      this.#search = undefined;
    });
    return this.#search;
  }

  /** Undefined also when the member is slow, and a search finds that another accepts the writes. */
  async #openUnlessMoved(member: number): Promise<Session | undefined> {
    // It may have gone while this waited for its turn.
    if (this.#writable !== member) return undefined;
    const opening = this.#open(member, true);
    const isSlow = await Promise.race([
      opening.then(() => false),
      sleep(patienceMs, true, { ref: false }),
    ]);
    if (!isSlow) return opening;
    this.distrust(member);
    const found = this.#find().then((other) => (other === member ? opening : undefined));
    const session = await Promise.race([opening, found]);
    if (session === undefined) void opening.then((late) => late?.destroy());
    return session;
  }

  /** Every member has its own loop: one that hangs for a second must not hide the promotion of another. */
  async #searchAll(): Promise<number> {
    const found = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, found.signal]);
    const searches = this.#options.members.map(async (_, member) => {
      for (;;) {
        signal.throwIfAborted();
        const session = await firstOfAttempts(() => this.#open(member, false), {
          everyMs: patienceMs,
          signal,
          discard: (late) => late.destroy(),
        });
        session?.destroy();
        if (session) return member;
        await pause(signal);
      }
    });
    try {
      this.#writable = await Promise.any(searches);
      return this.#writable;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      throw new ClusterError('the search for a writable member ended without one', {
        cause: error,
      });
    } finally {
      found.abort();
    }
  }

  /** A session that accepts writes, or undefined, with the reason stored. */
  async #open(member: number, isToKeep: boolean): Promise<Session | undefined> {
    const { members, credentials, applicationName } = this.#options;
    const target = members[member];
    if (!target) return undefined;
    let session: Session | undefined;
    try {
      // Without the signal: it ends the wait, not the sessions that were handed out.
      session = await connect(target.endpoint, credentials, {
        connectTimeoutMs: this.#answerTimeoutMs,
        applicationName: isToKeep ? applicationName : `${applicationName} probe`,
      });
      const refusal = await refusalOf(session, this.#answerTimeoutMs);
      if (refusal === undefined) return session;
      this.#problems.set(target.name, refusal);
    } catch (error) {
      this.#problems.set(target.name, messageOf(error));
    }
    session?.destroy();
    return undefined;
  }
}

/**
 * Why a server would not take a write; undefined when it would.
 * Source: libpq, target_session_attrs=read-write: not in recovery and transaction_read_only off.
 */
export async function refusalOf(session: Session, timeoutMs: number): Promise<string | undefined> {
  const rows = await session.rows<{ inrecovery: boolean; readonly: string }>(
    `SELECT pg_is_in_recovery() AS inrecovery, current_setting('transaction_read_only') AS readonly`,
    [],
    { timeoutMs },
  );
  if (rows[0]?.inrecovery !== false) return 'in recovery';
  return rows[0].readonly === 'off' ? undefined : 'read-only';
}

async function pause(signal: AbortSignal): Promise<void> {
  const ms = pauseMs.least + Math.random() * (pauseMs.most - pauseMs.least);
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
