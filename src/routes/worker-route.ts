import type { Endpoint } from '../contracts/cluster.ts';
import type { PoolSpec, RouteKind } from '../contracts/route.ts';

/** A route as a load worker needs it. JSON. */
export interface WorkerRoute {
  readonly name: string;
  readonly via: RouteKind;
  readonly pool: PoolSpec;
  /** Its writers of the whole load: firstWriter .. firstWriter+writers-1. */
  readonly firstWriter: number;
  readonly writers: number;
  /** multi-host: indices of members in the order in which they are tried. */
  readonly hosts?: readonly number[];
  readonly targetSession?: 'any' | 'read-write' | 'primary';
  readonly connectTimeoutMs?: number;
  /** Where it leads, if not to the nodes themselves. */
  readonly entry?: Endpoint;
  /** address: index of the one member that it leads to, wherever that is now. */
  readonly pinned?: number;
  readonly pooling?: 'session' | 'transaction';
}
