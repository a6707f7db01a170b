import type { ArchiverState, SettingType } from '../contracts/durability.ts';
import type { Session } from './session.ts';

/** Settings that decide what a commit promises, and whether a node can come back. */
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
  /** name -> value, as a session of this login has them now; parameters unknown to the server are absent. */
  readonly parameters: Readonly<Record<string, string>>;
  /** For the parameters named in `more`; absent without any. */
  readonly types?: Readonly<Record<string, SettingType>>;
  readonly archiver?: ArchiverState;
}

interface Row {
  readonly name: string;
  readonly value: string | null;
  readonly standby: boolean;
  readonly vartype: string | null;
  readonly unit: string | null;
  readonly source: string | null;
}

/**
 * A server's role, the settings that decide durability, those named in `more`, and the state of its archiving. Only reads.
 * Shape: values as current_setting() prints them: '64MB', 'on', '' for an empty one.
 * Errors: SqlError.
 */
export async function readSettings(
  session: Session,
  more: readonly string[] = [],
): Promise<ServerSettings> {
  const rows = await session.rows<Row>(
    // Of TCP's own, SHOW shows what this connection has, which is 0 on a Unix socket. Source: PostgreSQL, pqcomm.c.
    `SELECT wanted.name, pg_is_in_recovery() AS standby, vartype, unit, source,
            CASE WHEN wanted.name LIKE 'tcp\\_%' THEN reset_val
                 ELSE current_setting(wanted.name, true) END AS value
       FROM unnest($1::text[]) AS wanted (name)
       LEFT JOIN pg_settings AS known ON lower(known.name) = lower(wanted.name)
      ORDER BY wanted.name`,
    [[...new Set([...settingNames, ...more])]],
  );
  const known = rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  const parameters = Object.fromEntries(known);
  const archiver = parameters.archive_mode === 'off' ? undefined : await archiverOf(session);
  return {
    role: rows[0]?.standby === true ? 'replica' : 'primary',
    parameters,
    ...(more.length > 0 && { types: typesOf(rows, more) }),
    ...(archiver && { archiver }),
  };
}

function typesOf(rows: readonly Row[], names: readonly string[]) {
  return Object.fromEntries(
    rows.flatMap(({ name, vartype, unit, source }) =>
      vartype === null || !names.includes(name)
        ? []
        : [[name, { vartype, unit: unit ?? '', source: source ?? '' }] as const],
    ),
  );
}

/** A failure counts until a later attempt succeeds. */
async function archiverOf(session: Session): Promise<ArchiverState | undefined> {
  const [row] = await session.rows<ArchiverState>(
    `SELECT failed_count::int AS failed, archived_count::int AS archived,
            coalesce(last_failed_wal, '') AS "lastFailedWal",
            last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity')
              AS "isFailing"
       FROM pg_stat_archiver`,
  );
  return row;
}
