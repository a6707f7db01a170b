import type { Session } from '../pg/session.ts';

/** A connection that a route gave to a client. */
export interface RouteSession {
  readonly session: Session;
  /** Index of the node that it leads to, for as long as it is open; undefined: unknown, or another one each time. */
  readonly member: number | undefined;
}

/** How the clients of one route get their connections. */
export interface Connector {
  /** Tries until the route gives a connection. Errors: the signal's reason, nothing else. */
  connect(): Promise<RouteSession>;
  /** Called when a connection to this node broke, or it refused a write. */
  distrust(member: number | undefined): void;
  /** The last answers, for a message that explains why there is no connection. */
  describe(): string;
}
