import type { Session } from './connect.ts';

/** What decides what a commit promises, and whether a node can come back. */
const settingNames = [
  'archive_mode',
  'data_checksums',
  'data_sync_retry',
  'fsync',
  'full_page_writes',
  'hot_standby_feedback',
  'max_slot_wal_keep_size',
  'server_version',
  'synchronous_commit',
  'synchronous_standby_names',
  'wal_keep_size',
  'wal_level',
  'wal_log_hints',
  'wal_sync_method',
  'wal_writer_delay',
];

export interface ServerSettings {
  readonly role: 'primary' | 'replica';
  /** name -> value, as a session of this login runs with them now; what the server does not know is absent. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * A server's role, the settings that decide durability, and those named in `more`. Only reads.
 * Shape: values as current_setting() prints them: '64MB', 'on', '' for an empty one.
 * Errors: SqlError.
 */
export async function readSettings(
  session: Session,
  more: readonly string[] = [],
): Promise<ServerSettings> {
  const rows = await session.rows<{ name: string; value: string | null; standby: boolean }>(
    `SELECT name, current_setting(name, true) AS value, pg_is_in_recovery() AS standby
     FROM unnest($1::text[]) AS name ORDER BY name`,
    [[...new Set([...settingNames, ...more])]],
  );
  const known = rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return {
    role: rows[0]?.standby === true ? 'replica' : 'primary',
    parameters: Object.fromEntries(known),
  };
}
