import type { RouteKind } from '../route.ts';

/** How it went for the clients of each route. */
export interface RoutesSection {
  /** In the order of the plan. Absent: all clients connected directly, or an older version. */
  readonly routes?: readonly RouteResult[];
}

/** Counts are of writes, as in `writes`; null where the journals are missing, or the primary was not read. */
export interface RouteResult {
  readonly name: string;
  readonly via: RouteKind;
  readonly clients: number;
  readonly acknowledged: number | null;
  readonly localOnly: number | null;
  readonly failed: number | null;
  readonly indeterminate: number | null;
  /** Acknowledged writes of these clients that are gone: inserts, updates and deletes. */
  readonly lost: number | null;
  /** Its clients only read: it has no writes, and no outage of them. */
  readonly readsOnly?: true;
  /** The longest time in which none of these clients got an acknowledgement; held time is left out. */
  readonly outageMs: number | null;
  /** Operations, as in the result's own `errors`. */
  readonly errors: readonly {
    readonly sqlState: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  /** Which nodes acknowledged, by time. `node`: null where the route hides it. */
  readonly servers: readonly RouteServer[];
  /**
   * Writes sent to a node after another one had taken over from it, and acknowledged there. null: unknown, for the roles were
   * not seen, or the route hides a server that may have been one.
   */
  readonly onOldPrimary: readonly OldPrimaryWrites[] | null;
  /** What stands between: 'HAProxy 2.6.12'; absent: nothing, or unknown. */
  readonly what?: string;
  /** What was replaced in the user's configuration. */
  readonly notes: readonly string[];
}

export interface RouteServer {
  readonly node: string | null;
  readonly timeline: number;
  readonly acknowledged: number;
  /** First and last acknowledgement, milliseconds since the start of the load. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** At least so many: the takeover may have been seen a moment after it happened. */
export interface OldPrimaryWrites {
  readonly node: string;
  readonly timeline: number;
  /** The node that had taken over, and when that was seen. */
  readonly newPrimary: string;
  readonly sinceMs: number;
  readonly acknowledged: number;
  /** When the last of them was sent. */
  readonly untilMs: number;
}
