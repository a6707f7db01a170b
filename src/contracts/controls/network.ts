/* What can be done to the packets and connections of a machine. */

export type Service = 'all' | 'postgres' | 'patroni' | 'dcs';
export type Peer =
  | { readonly kind: 'all' }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'dcs' }
  | { readonly kind: 'clients'; readonly site?: string }
  /** HAProxy and PgBouncer, wherever the routes of the load have them. */
  | { readonly kind: 'proxies' };

/** An end of packet rules whose addresses not every cluster gives. */
export type FarEnd = 'dcs' | 'proxies' | 'clients';

/** One TCP connection as a machine's kernel shows it. Addresses as text, of either version of IP. */
export interface TcpConnection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** One packet filter rule, seen from the node it is applied to. The backend knows the addresses. */
export interface Rule {
  readonly action: 'drop' | 'reject';
  readonly direction: 'in' | 'out';
  readonly peer: Peer;
  /** A service of the node or the peer: matches its port on either end. */
  readonly service: Service;
  /** 0..1; undefined is every packet. */
  readonly probability?: number;
  /** Only packets of at least this many bytes, their IP header included. */
  readonly minBytes?: number;
  /** Only packets of this connection, whatever `peer` and `service` say; others between the same machines pass. */
  readonly connection?: TcpConnection;
}

export interface NetworkControl {
  /** Adds these rules in one atomic step under `tag`; replaces the tag's earlier rules. */
  apply(tag: string, rules: readonly Rule[]): Promise<void>;
  /** Removes the tag's rules; harmless without any. */
  clear(tag: string): Promise<void>;
  /** Whether rules of `tag` are in force. */
  holds(tag: string): Promise<boolean>;
  /** Established TCP connections with these peers, of a service at either end; never those that the harness works through. */
  connections(peers: readonly Peer[], service: Service): Promise<readonly TcpConnection[]>;
  /**
   * Ends these connections: the machine's own socket fails with ECONNABORTED, and the other end gets a reset. Harmless where one is
   * gone. Returns those that were there. Errors: ClusterError where the kernel cannot end sockets.
   */
  reset(connections: readonly TcpConnection[]): Promise<readonly TcpConnection[]>;
  /**
   * Tries the very paths that the rules of `tag` cut, from both ends where both can be reached. Undefined: the tag has no
   * rules here. Absent: a network of our own, where rules are enough.
   */
  prove?(tag: string): Promise<Proof | undefined>;
}

/** Whether a cut is in force, by trying it. */
export interface Proof {
  /** One sentence for each path: 'pg1 to pg2:5432: no answer'. */
  readonly tried: readonly string[];
  /** Why it is not proven to be in force; absent: it is. */
  readonly doubt?: string;
}

/** How packets that leave a node are delayed. Undefined: not at all. */
export interface Shape {
  readonly delayMs?: number;
  /** Each packet's delay varies by delayMs ± up to this; order within a connection stays. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
}

export interface ShapingControl {
  /**
   * Shapes the traffic that the node sends from now on; replaces the tag's earlier shape. Delays of several tags add up, the
   * lowest rate counts. Returns the means, for the journal: 'netem', 'tbf', 'a userspace relay'.
   * Errors: ClusterError when this host's kernel has no means for it.
   */
  shape(tag: string, shape: Shape): Promise<string>;
  /** Harmless if the tag has no shape. */
  unshape(tag: string): Promise<void>;
  /** Whether the tag's shape is still in force, by the means found on the node. */
  holds(tag: string): Promise<boolean>;
}
