import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import type { Statement } from '../contracts/workload.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { Turns } from '../pg/turns.ts';
import { messageOf } from '../std/errors.ts';
import type { Connector, RouteSession } from './connector.ts';
import { type ServerAddress, serverAddress } from './identity.ts';
import { openingStatement } from './pooled-session.ts';

export interface EntryOptions {
  readonly name: string;
  /** A name in it is resolved at every connect. */
  readonly entry: Endpoint;
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** The server behind a connection stays the same for a session, or for a transaction; absent: no pooler. */
  readonly pooling?: 'session' | 'transaction' | undefined;
  /** Longest wait for a login and for the answer after it. */
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
  memberOf(server: ServerAddress): number | undefined;
}

const loginsAtOnce = 16;
/** Between two attempts of one client, as an application with a short back-off. */
const pauseMs = 100;

/**
 * Connects to one address, whatever stands there, as an application does: a login that succeeds is a connection. Whether
 * the server behind it takes writes, the first write tells.
 */
export class EntryConnector implements Connector {
  readonly #options: EntryOptions;
  readonly #logins = new Turns(loginsAtOnce);
  readonly #opening: Statement;
  #problem = 'not tried';

  constructor(options: EntryOptions) {
    this.#options = options;
    this.#opening = options.pooling
      ? openingStatement(options.credentials, 'session')
      : { text: `SELECT ${serverAddress}`, values: [] };
  }

  async connect(): Promise<RouteSession> {
    const { signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const found = await this.#logins.take(() => this.#open());
      if (found) return found;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** An application that has one address has no choice. */
  distrust(): void {
    return;
  }

  describe(): string {
    const { name, entry } = this.#options;
    return `route ${name}, ${entry.host}:${entry.port}: ${this.#problem}`;
  }

  async #open(): Promise<RouteSession | undefined> {
    const { entry, credentials, applicationName, pooling, answerTimeoutMs } = this.#options;
    if (this.#options.signal.aborted) return undefined;
    let session: Session | undefined;
    try {
      session = await connect(entry, credentials, {
        connectTimeoutMs: answerTimeoutMs,
        applicationName,
        settings: pooling ? 'pooled' : 'ours',
      });
      // By transactions there is no server yet, and the settings would not hold.
      if (pooling === 'transaction') return { session, member: undefined };
      const { rows } = await session.query<ServerAddress>(this.#opening, {
        timeoutMs: answerTimeoutMs,
      });
      const member = rows[0] && this.#options.memberOf(rows[0]);
      return { session, member };
    } catch (error) {
      this.#problem = messageOf(error);
      session?.destroy();
      return undefined;
    }
  }
}
