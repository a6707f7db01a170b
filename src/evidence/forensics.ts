import type { ReadBack } from '../contracts/evidence.ts';
import type { Session } from '../pg/connect.ts';
import { parseHistory } from '../pg/timeline.ts';

/** Settings that decide what a commit promises, and whether a node can come back. */
const settingNames = [
  'archive_mode',
  'data_checksums',
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
];

/** name -> value, as the server runs them now. */
export async function readSettings(session: Session): Promise<ReadBack['settings']> {
  const rows = await session.rows<{ name: string; value: string }>(
    `SELECT name, current_setting(name) AS value FROM pg_settings
     WHERE name = ANY ($1) ORDER BY name`,
    [settingNames],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/**
 * The ancestors of the server's newest timelines.
 * Shape: one entry per pg_wal/NNNNNNNN.history file, ascending; ancestors oldest first.
 * Errors: SqlError where the login may not read server files (superuser or pg_read_server_files).
 */
export async function readHistory(session: Session): Promise<ReadBack['history']> {
  const files = await session.rows<{ name: string; text: string }>(
    `SELECT name, pg_read_file('pg_wal/' || name) AS text FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{8}[.]history$' ORDER BY name`,
  );
  return files.map(({ name, text }) => ({
    timeline: Number.parseInt(name.slice(0, 8), 16),
    ancestors: parseHistory(text),
  }));
}
