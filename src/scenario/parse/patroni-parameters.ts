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
