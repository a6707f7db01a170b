/**
 * Which settings a session runs with.
 * ours: those that decide how Forkpoint understands an answer, whatever the server, the database or the role set.
 * reader: these, and no limit of the server ends a read.
 * servers: the server's own, to read or change them.
 * pooled: none at the start, which a pooler refuses; the caller sends `sessionSettings`.
 */
export type SessionKind = 'ours' | 'reader' | 'servers' | 'pooled';

/** Each with the problem that it prevents. What the cluster promises (synchronous_commit, ...) is never among them. */
const understood: Readonly<Record<string, string>> = {
  // The warning of a cancelled wait for a standby would not be sent: localOnly would be taken for acknowledged.
  client_min_messages: 'warning',
  // Numbers would arrive rounded: -15 leaves one digit.
  extra_float_digits: '3',
  // The same bytes would be another text with another checksum.
  bytea_output: 'hex',
  // The driver would not recognise dates.
  datestyle: 'ISO',
  // A user's function could hide a built-in one; without pg_catalog in it, the built-in ones come first.
  search_path: 'public',
  // Text with a backslash, names and comparisons with NULL would mean something else.
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

/** For the start of a session. They override ALTER SYSTEM, DATABASE and ROLE. Shape: libpq's `options`. */
export function startupOptions(kind: SessionKind): string {
  if (kind === 'pooled') return '';
  const settings = {
    client_encoding: 'UTF8',
    ...(kind !== 'servers' && understood),
    ...(kind === 'reader' && unlimited),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** What a session of ours runs with, for a session that could not start with it. */
export function sessionSettings(): Readonly<Record<string, string>> {
  return understood;
}

/** Whether a session of ours, or a reader, sets it: a user's value would not hold. */
export function isOwnSetting(name: string): boolean {
  return [{ client_encoding: '' }, understood, unlimited].some((own) => Object.hasOwn(own, name));
}

/** Not every version knows these, and one that does not refuses a login that sets them. */
const byVersion: Readonly<Record<string, string>> = {
  // 14
  idle_session_timeout: '0',
  // 17
  transaction_timeout: '0',
};

/** These make a damaged page look empty or sound. Only superusers may change them, or grant the change. */
const ofSuperusers: Readonly<Record<string, string>> = {
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
};

/** The settings of a reader after login, as far as its server knows them and its role may set them; and `more`, if known. */
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
