import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import type { Statement } from '../contracts/workload.ts';
import { messageOf } from '../std/errors.ts';
import { copyIn } from './copy-in.ts';
import { optionsOf } from './libpq/options.ts';
import { type SessionKind, startupOptions } from './session-settings.ts';
import { type TlsAttempt, tlsAttempts } from './tls.ts';

export interface ConnectOptions {
  readonly connectTimeoutMs: number;
  /** For every statement without a limit of its own; undefined: the caller limits the time. */
  readonly queryTimeoutMs?: number;
  readonly applicationName?: string;
  /** Default: 'ours'. */
  readonly settings?: SessionKind;
  /** Aborting it destroys the connection, open or not. */
  readonly signal?: AbortSignal;
}

export interface QueryOptions {
  readonly timeoutMs?: number;
}

/** The result of a statement. int8 and numeric are text, as the driver leaves them. */
export interface Answer<T> {
  readonly rows: readonly T[];
  /** Rows touched or returned, as the command tag counts them; 0 where the tag counts none. */
  readonly rowCount: number;
}

export interface Notice {
  readonly severity: string;
  readonly sqlState: string;
  readonly message: string;
  /** C function of the server that raised it: the same for every lc_messages. */
  readonly routine: string;
}

/** One connection to one server. A broken connection rejects the next query, never throws asynchronously. */
export interface Session extends AsyncDisposable {
  /** False once the socket is gone, even between queries. */
  readonly isOpen: boolean;
  rows<T>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<T[]>;
  query<T = Record<string, unknown>>(
    statement: Statement,
    options?: QueryOptions,
  ): Promise<Answer<T>>;
  onNotice(listener: (notice: Notice) => void): void;
  /** Destroys the socket at once, without a message to the server. A query in progress fails. */
  destroy(): void;
}

/** An error of the database or of the network. `sqlState` is '' when it is not from a server. */
export class SqlError extends Error {
  readonly sqlState: string;
  /** The server's severity, in its language; '' when it is not from a server. */
  readonly severity: string;
  /** False: the connection was never established, so no statement of the caller was sent. */
  readonly wasConnected: boolean;
  /** False: not even a TCP connection was established. */
  readonly wasReached: boolean;
  /** The character of the statement at which the server sees the error, from 1; undefined where it names none. */
  readonly position: number | undefined;

  constructor(
    message: string,
    facts: {
      sqlState: string;
      severity: string;
      wasConnected: boolean;
      wasReached?: boolean;
      position?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.name = 'SqlError';
    this.sqlState = facts.sqlState;
    this.severity = facts.severity;
    this.wasConnected = facts.wasConnected;
    this.wasReached = facts.wasReached ?? facts.wasConnected;
    this.position = facts.position;
  }
}

const keepAliveMs = 2_000;
const endTimeoutMs = 1_000;

/**
 * A session on this very server, whatever its role. A host that starts with '/' is the folder of a Unix socket.
 * Units: milliseconds.
 * Errors: SqlError with `wasConnected` false; the signal's reason when aborted.
 */
export async function connect(
  endpoint: Endpoint,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Session> {
  const [tls = false, other] = tlsAttempts(endpoint);
  const startedAt = performance.now();
  try {
    return await connectOnce({ endpoint, credentials, tls }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const hasTime = performance.now() - startedAt < options.connectTimeoutMs;
    // A server that cannot be reached with TLS cannot be reached without it either.
    if (other === undefined || !hasTime || !(error instanceof SqlError) || !error.wasReached)
      throw error;
    return await connectOnce({ endpoint, credentials, tls: other }, options).catch(
      (second: unknown) => {
        throw moreTelling(error, second);
      },
    );
  }
}

/** What a server said about the login says more than that it speaks no TLS. */
function moreTelling(first: SqlError, second: unknown): unknown {
  const isFromServer = second instanceof SqlError && second.sqlState !== '';
  return isFromServer || first.sqlState === '' ? second : first;
}

interface Target {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly tls: TlsAttempt;
}

async function connectOnce(target: Target, options: ConnectOptions): Promise<Session> {
  const { endpoint } = target;
  options.signal?.throwIfAborted();
  const client = makeClient(target, options);
  const session = new DriverSession(client, `${endpoint.host}:${endpoint.port}`, options);
  const reached = { is: false };
  client.connection.once('connect', () => {
    reached.is = true;
  });
  const onAbort = () => session.destroy();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  client.on('end', () => options.signal?.removeEventListener('abort', onAbort));
  try {
    await client.connect();
    return session;
  } catch (error) {
    session.destroy();
    options.signal?.throwIfAborted();
    throw translate(error, `${endpoint.host}:${endpoint.port}`, {
      wasConnected: false,
      wasReached: reached.is,
    });
  }
}

function makeClient({ endpoint, credentials, tls }: Target, options: ConnectOptions) {
  const isPooled = options.settings === 'pooled';
  const own = `${optionsOf(credentials.settings ?? {})} ${startupOptions(options.settings ?? 'ours')}`;
  const client = new pg.Client({
    host: endpoint.host,
    port: endpoint.port,
    user: credentials.user,
    database: credentials.database,
    // A function, and explicit options: otherwise the driver uses PGPASSWORD, ~/.pgpass and PGOPTIONS, and a
    // synchronous_commit=off in the user's shell would decide what an acknowledgement is worth.
    password: () => credentials.password ?? '',
    // The last value of a setting counts, so ours come last.
    options: isPooled ? noOptions : own,
    application_name: [options.applicationName ?? 'forkpoint', credentials.applicationName]
      .join(' ')
      .trim(),
    ssl: tls,
    ...(tls !== false && { sslnegotiation: endpoint.tls?.negotiation ?? 'postgres' }),
    connectionTimeoutMillis: Math.min(
      options.connectTimeoutMs,
      credentials.connectTimeoutMs ?? Infinity,
    ),
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  });
  if (isPooled) delete (client as ClientWithParameters).connectionParameters.options;
  return client;
}

/** Anything but '', which the driver replaces by PGOPTIONS. */
const noOptions = ' ';

/** A part of the driver that its types leave out. */
type ClientWithParameters = pg.Client & { readonly connectionParameters: { options?: string } };

class DriverSession implements Session {
  isOpen = true;
  readonly #client: pg.Client;
  readonly #where: string;
  readonly #options: ConnectOptions;
  /** The statement in progress; it never rejects. */
  #underWay: Promise<unknown> | undefined;

  constructor(client: pg.Client, where: string, options: ConnectOptions) {
    this.#client = client;
    this.#where = where;
    this.#options = options;
    const close = () => {
      this.isOpen = false;
    };
    // Without a listener a connection that breaks while idle would end the process.
    client.on('error', close);
    client.on('end', close);
  }

  async rows<T>(text: string, values: readonly unknown[] = [], options?: QueryOptions) {
    return (await this.query<T>({ text, values }, options)).rows as T[];
  }

  async query<T>(statement: Statement, options?: QueryOptions): Promise<Answer<T>> {
    const timeoutMs = options?.timeoutMs ?? this.#options.queryTimeoutMs;
    const limit = { isOver: false };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            limit.isOver = true;
            this.destroy();
          }, timeoutMs);
    try {
      const result = await this.#send(statement);
      return { rows: result.rows as T[], rowCount: result.rowCount ?? 0 };
    } catch (error) {
      const reason = limit.isOver ? new Error(`no answer in ${timeoutMs ?? 0} ms`) : error;
      throw translate(reason, this.#where, { wasConnected: true, wasReached: true });
    } finally {
      clearTimeout(timer);
    }
  }

  /** One at a time: the driver's own queue is deprecated, and prints a warning when used. */
  async #send(statement: Statement): Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> {
    while (this.#underWay) await this.#underWay;
    const answer: Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> = statement.copied
      ? copyIn(this.#client, statement.text, statement.copied)
      : this.#client.query(statement as pg.QueryConfig<unknown[]>);
    const ended = answer
      .catch(() => undefined)
      .then(() => {
        if (this.#underWay === ended) this.#underWay = undefined;
      });
    this.#underWay = ended;
    return await answer;
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.#client.on('notice', (notice) =>
      listener({
        severity: notice.severity ?? '',
        sqlState: notice.code ?? '',
        message: notice.message ?? '',
        routine: notice.routine ?? '',
      }),
    );
  }

  destroy(): void {
    this.isOpen = false;
    this.#client.connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const giveUp = new AbortController();
    await Promise.race([
      this.#client.end().catch(() => undefined),
      sleep(endTimeoutMs, undefined, { signal: giveUp.signal }).catch(() => undefined),
    ]);
    giveUp.abort();
    this.destroy();
  }
}

/** The driver's message without its details: hosts may appear, passwords and statements may not. */
function translate(
  error: unknown,
  where: string,
  reach: Pick<SqlError, 'wasConnected' | 'wasReached'>,
): SqlError {
  // Node's own errors have a `code` too (ECONNRESET); only a DatabaseError's is a SQLSTATE.
  const fromServer = error instanceof pg.DatabaseError ? error : undefined;
  return new SqlError(`${where}: ${messageOf(error)}`, {
    sqlState: fromServer?.code ?? '',
    severity: fromServer?.severity ?? '',
    position: fromServer?.position === undefined ? undefined : Number(fromServer.position),
    ...reach,
    cause: error,
  });
}
