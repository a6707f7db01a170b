import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ClusterError, messageOf } from '../errors.ts';
import { connect, type Session } from './connect.ts';

export interface RouterOptions {
  readonly members: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** Ends every wait for a writable member. */
  readonly signal: AbortSignal;
}

export interface WritableSession {
  readonly session: Session;
  /** Index of the member it is connected to. */
  readonly member: number;
}

/** One member's answer or silence may take this long; the others do not wait for it. */
const probeTimeoutMs = 1_000;
/** Between two looks at one member: short against any failover, long against a core. */
const pauseMs = { least: 50, most: 100 };

/**
 * Finds the member that takes writes and connects to it: libpq's target_session_attrs=read-write for many connections
 * of one process. Every connection is proved writable before it is handed out; the search is shared, so that 64
 * broken connections probe no more than one does.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #problems = new Map<string, string>();
  #writable: number | undefined;
  #search: Promise<number> | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Tries until it has a writable session. Errors: the signal's reason, nothing else. */
  async connect(): Promise<WritableSession> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      const member = this.#writable ?? (await this.#find());
      const session = await this.#open(member, true);
      if (session) return { session, member };
      this.distrust(member);
      await pause(this.#options.signal);
    }
  }

  /** The member refused a write or broke a connection: the next connection looks at all members again. */
  distrust(member: number): void {
    if (this.#writable === member) this.#writable = undefined;
  }

  /** What each member last said, for a message that must explain why there is no connection. */
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

  /** Every member has its own loop: one that hangs for a second must not hide the promotion of another. */
  async #searchAll(): Promise<number> {
    const found = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, found.signal]);
    const searches = this.#options.members.map(async (_, member) => {
      for (;;) {
        signal.throwIfAborted();
        await using session = await this.#open(member, false);
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

  /** A session that takes writes, or undefined with the reason remembered. */
  async #open(member: number, isToKeep: boolean): Promise<Session | undefined> {
    const { members, credentials, applicationName } = this.#options;
    const target = members[member];
    if (!target) return undefined;
    let session: Session | undefined;
    try {
      // Without the signal: it ends the waiting, not the sessions that were handed out.
      session = await connect(target.endpoint, credentials, {
        connectTimeoutMs: probeTimeoutMs,
        applicationName: isToKeep ? applicationName : `${applicationName} probe`,
      });
      const refusal = await refusalOf(session);
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
async function refusalOf(session: Session): Promise<string | undefined> {
  const rows = await session.rows<{ inrecovery: boolean; readonly: string }>(
    `SELECT pg_is_in_recovery() AS inrecovery, current_setting('transaction_read_only') AS readonly`,
    [],
    { timeoutMs: probeTimeoutMs },
  );
  if (rows[0]?.inrecovery !== false) return 'in recovery';
  return rows[0].readonly === 'off' ? undefined : 'read-only';
}

async function pause(signal: AbortSignal): Promise<void> {
  const ms = pauseMs.least + Math.random() * (pauseMs.most - pauseMs.least);
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
