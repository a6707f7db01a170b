import type { Session } from './session.ts';

/** A server's connections. Slots reserved for superusers and pg_use_reserved_connections are not for clients. */
export interface Connections {
  readonly isPrimary: boolean;
  readonly most: number;
  readonly reserved: number;
  readonly taken: number;
}

/** Needs pg_monitor to see whose backends are clients. Errors: SqlError. */
export async function readConnections(session: Session): Promise<Connections | undefined> {
  const [found] = await session.rows<Omit<Connections, 'isPrimary'> & { recovering: boolean }>(
    `SELECT pg_is_in_recovery() AS recovering,
       current_setting('max_connections')::int AS most,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       count(*)::int AS taken
     FROM pg_stat_activity WHERE backend_type = 'client backend'`,
  );
  if (!found) return undefined;
  const { recovering, most, reserved, taken } = found;
  return { isPrimary: !recovering, most, reserved, taken };
}
