import pg from 'pg';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { DriverSession, translate } from './driver-session.ts';
import { optionsOf } from './libpq/options.ts';
import { FrugalSocket } from './reads.ts';
import { type Session, SqlError } from './session.ts';
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

const keepAliveMs = 2_000;

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
  const session = new DriverSession(
    client,
    `${endpoint.host}:${endpoint.port}`,
    options.queryTimeoutMs,
  );
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
    stream: () => new FrugalSocket(),
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
