import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { refusalOf } from '../pg/router.ts';
import { Turns } from '../pg/turns.ts';
import { messageOf } from '../std/errors.ts';
import type { Connector, RouteSession } from './connector.ts';

export interface MultiHostOptions {
  readonly members: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  /** Indices of members, in the order in which they are tried. */
  readonly hosts: readonly number[];
  readonly targetSession: 'any' | 'read-write' | 'primary';
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** For each host, as connect_timeout; its answer about its role has as long again. */
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

const loginsAtOnce = 16;
const pauseMs = 100;

/**
 * Walks a list of hosts as libpq does: one after the other, always from the first, each for connect_timeout, until one has
 * the wanted role. Each connection walks by itself and remembers nothing; after a walk without success the application
 * tries again.
 * Source: PostgreSQL, "Specifying Multiple Hosts"; fe-connect.c, PQconnectPoll.
 */
export class MultiHostConnector implements Connector {
  readonly #options: MultiHostOptions;
  readonly #logins = new Turns(loginsAtOnce);
  readonly #problems = new Map<string, string>();

  constructor(options: MultiHostOptions) {
    this.#options = options;
  }

  async connect(): Promise<RouteSession> {
    const { signal } = this.#options;
    for (;;) {
      const found = await this.#logins.take(() => this.#walk());
      if (found) return found;
      signal.throwIfAborted();
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** libpq remembers nothing of earlier connections. */
  distrust(): void {
    return;
  }

  describe(): string {
    const { hosts, members } = this.#options;
    return hosts
      .flatMap((host) => members[host]?.name ?? [])
      .map((name) => `${name}: ${this.#problems.get(name) ?? 'not tried'}`)
      .join('; ');
  }

  async #walk(): Promise<RouteSession | undefined> {
    for (const member of this.#options.hosts) {
      if (this.#options.signal.aborted) return undefined;
      const session = await this.#tryHost(member);
      if (session) return { session, member };
    }
    return undefined;
  }

  async #tryHost(member: number): Promise<Session | undefined> {
    const { members, credentials, applicationName, connectTimeoutMs } = this.#options;
    const target = members[member];
    if (!target) return undefined;
    let session: Session | undefined;
    try {
      session = await connect(target.endpoint, credentials, { connectTimeoutMs, applicationName });
      const refusal = await this.#refusal(session);
      if (refusal === undefined) return session;
      this.#problems.set(target.name, refusal);
    } catch (error) {
      this.#problems.set(target.name, messageOf(error));
    }
    session?.destroy();
    return undefined;
  }

  async #refusal(session: Session): Promise<string | undefined> {
    const { targetSession, connectTimeoutMs } = this.#options;
    if (targetSession === 'any') return undefined;
    const refusal = await refusalOf(session, connectTimeoutMs);
    // A primary counts, even if its sessions are read-only by default.
    return targetSession === 'primary' && refusal === 'read-only' ? undefined : refusal;
  }
}
