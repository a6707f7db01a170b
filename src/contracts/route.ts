/** How clients of the load reach the cluster. */
export type RouteKind = 'direct' | 'multi-host' | 'haproxy' | 'pgbouncer' | 'address';

/** One line of `load.routes`. Its writers follow those of the route before it. */
export interface RouteSpec {
  readonly name: string;
  readonly via: RouteKind;
  readonly clients: number;
  readonly pool: PoolSpec;
  /** multi-host: nodes in the order in which they are tried; absent: all, in the cluster's order. */
  readonly hosts?: readonly string[];
  /** multi-host. */
  readonly targetSession?: 'any' | 'read-write' | 'primary';
  /** multi-host: for each host. */
  readonly connectTimeoutMs?: number;
  /** address: a node's own address. */
  readonly node?: string;
  /** address: a name or an address that the client site resolves at every connect. */
  readonly address?: { readonly host: string; readonly port: number };
  /** pgbouncer. */
  readonly pooling?: 'session' | 'transaction';
  /** pgbouncer: what its server connections lead to, `haproxy` or a node's name. */
  readonly leadsTo?: string;
  /** haproxy, pgbouncer: the user's own configuration. */
  readonly config?: ProxyConfig;
}

/** A file as it was when the run was planned. */
export interface ProxyConfig {
  readonly file: string;
  /** Absent until the file is read. */
  readonly text?: string;
}

/** How a client keeps its connection. */
export interface PoolSpec {
  /**
   * What a client does when a server refuses a write because it is read-only (25006).
   * reconnect: closes the connection and connects anew. retry: sends the write again on the same connection, until its
   * deadline. none: keeps the connection, and goes on with the next write.
   */
  readonly on25006: 'reconnect' | 'retry' | 'none';
  /** A connection older than this is closed before the next write; absent: never. */
  readonly maxLifetimeMs?: number;
}
