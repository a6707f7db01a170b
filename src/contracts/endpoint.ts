import type { TlsOptions } from './tls.ts';

/** Where a server listens; a host that starts with '/' is the folder of its Unix socket. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Absent: without TLS. */
  readonly tls?: TlsOptions;
}

/** How clients log in. The password is never in argv, a log or a report. */
export interface Credentials {
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  /** Settings of every session, from libpq's `options`; absent: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Appended to the names under which our sessions appear in pg_stat_activity. */
  readonly applicationName?: string;
  /** Longest time for a connection, where ours is not shorter. */
  readonly connectTimeoutMs?: number;
}
