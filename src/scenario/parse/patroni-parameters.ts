/** PostgreSQL parameters in a scenario file, by Patroni's rules. */

type Rule = (value: string) => string | undefined;

const isOn = (value: string) => /^(on|true|yes|1)$/i.test(value.trim());
const always = (message: string) => (): string => message;
const atLeast =
  (least: number): Rule =>
  (value) =>
    Number(value) >= least ? undefined : `must be at least ${least}: Patroni drops a lower value`;
const patronisOwn = always('is set by Patroni itself, which ignores the configuration');
const onlyOn: Rule = (value) =>
  isOn(value) ? undefined : 'is always on under Patroni: another value is dropped';
const fileDecides = always(
  "has no effect: each member's own file, which takes precedence, sets it",
);

/** Source: Patroni, postgresql/config.py, CMDLINE_OPTIONS: Patroni silently leaves out a value that breaks these rules. */
const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    listen_addresses: patronisOwn,
    port: patronisOwn,
    cluster_name: patronisOwn,
    hot_standby: onlyOn,
    wal_log_hints: onlyOn,
    max_connections: atLeast(25),
    max_wal_senders: atLeast(3),
    max_worker_processes: atLeast(2),
    max_locks_per_transaction: atLeast(32),
    max_replication_slots: atLeast(4),
    wal_level: (value) =>
      /^(hot_standby|replica|logical)$/i.test(value)
        ? undefined
        : 'must be replica or logical: Patroni drops another value',
    wal_keep_segments: always('was removed in PostgreSQL 13: use wal_keep_size, in bytes'),
    unix_socket_directories: fileDecides,
    log_line_prefix: fileDecides,
  }),
);

/** Why Patroni would not run PostgreSQL with this value; undefined if it would. */
export function problemOfParameter(
  name: string,
  value: string | number | boolean,
  isSynchronous: boolean,
): string | undefined {
  const key = name.toLowerCase();
  if (key === 'synchronous_standby_names' && isSynchronous) {
    return 'is set by Patroni where cluster.synchronous is not off';
  }
  return rules.get(key)?.(String(value));
}

/**
 * Patroni takes these from its dynamic configuration alone, whatever a member's own file says.
 * Source: Patroni, postgresql/config.py, CMDLINE_OPTIONS.
 */
export const dynamicOnly: ReadonlySet<string> = new Set([
  ...['listen_addresses', 'port', 'cluster_name', 'wal_level', 'hot_standby', 'max_connections'],
  ...['max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction'],
  ...['track_commit_timestamp', 'max_replication_slots', 'max_worker_processes', 'wal_log_hints'],
  ...['wal_keep_size', 'wal_keep_segments'],
]);

/** The same for a parameter in the file of one member. */
export function problemOfOwnParameter(
  name: string,
  value: string,
  isSynchronous: boolean,
): string | undefined {
  if (!dynamicOnly.has(name.toLowerCase())) return problemOfParameter(name, value, isSynchronous);
  return 'must be the same on every member: Patroni ignores it in the file of one. Set it under cluster.parameters';
}
