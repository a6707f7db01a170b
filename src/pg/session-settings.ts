/**
 * Whose settings a session runs with.
 * ours: those that decide what we understand of an answer, whatever the server, the database or the role say.
 * reader: these, and no limit of the server's ends a read.
 * servers: the server's own, for whoever asks for them or changes them.
 */
export type SessionKind = 'ours' | 'reader' | 'servers';

/** Each with what goes wrong without it. What the cluster promises (synchronous_commit, ...) is never among them. */
const understood: Readonly<Record<string, string>> = {
  // The warning of a wait for a standby that was cancelled is not sent: localOnly would be acknowledged.
  client_min_messages: 'warning',
  // Numbers arrive rounded: -15 leaves one digit.
  extra_float_digits: '3',
  // The text of the same bytes, and so its checksum, is another.
  bytea_output: 'hex',
  // What the driver takes for a date is not one.
  datestyle: 'ISO',
  // A function of somebody's own stands before the server's; without pg_catalog in it, the server's come first.
  search_path: 'public',
  // Text with a backslash, names and comparisons with NULL mean something else.
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  array_nulls: 'on',
};

const unlimited: Readonly<Record<string, string>> = {
  lock_timeout: '0',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/** Of a session at its beginning. They go before what ALTER SYSTEM, DATABASE and ROLE say. Shape: libpq's `options`. */
export function startupOptions(kind: SessionKind): string {
  const settings = {
    client_encoding: 'UTF8',
    ...(kind !== 'servers' && understood),
    ...(kind === 'reader' && unlimited),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** Whether a session of ours, or a reader, sets it: a user's value would not hold. */
export function isOwnSetting(name: string): boolean {
  return [{ client_encoding: '' }, understood, unlimited].some((own) => Object.hasOwn(own, name));
}

/** Not every version knows these, and one that does not refuses the login of who names them. */
const byVersion: Readonly<Record<string, string>> = {
  // 14
  idle_session_timeout: '0',
  // 17
  transaction_timeout: '0',
};

/** A damaged page is read as an empty or a sound one. Only superusers may change them, or have them changed. */
const ofSuperusers: Readonly<Record<string, string>> = {
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
};

/** What a reader sets once it is logged in, by what its server knows and its role may; and `more`, where it is known. */
export function readerSettings(more: Readonly<Record<string, string>>): {
  readonly text: string;
  readonly values: readonly (readonly string[])[];
} {
  const wanted = { ...byVersion, ...ofSuperusers, ...more };
  return {
    text: `SELECT set_config(known.name, wanted.value, false)
      FROM unnest($1::text[], $2::text[]) AS wanted (name, value)
      JOIN pg_settings AS known ON known.name = wanted.name
      WHERE known.context <> 'superuser' OR current_setting('is_superuser') = 'on'`,
    values: [Object.keys(wanted), Object.values(wanted)],
  };
}
