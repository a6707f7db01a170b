import type { Json } from '../../contracts/json.ts';
import { nearest } from '../../std/suggest.ts';

/** A problem with one key below `cluster.patroni`. */
export interface PatroniProblem {
  readonly path: readonly string[];
  readonly message: string;
}

type Mapping = Readonly<Record<string, unknown>>;

/** Seconds, bytes and counts. Patroni rounds them to whole numbers. */
export const patroniNumbers = [
  ...['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover', 'maximum_lag_on_syncnode'],
  ...['primary_start_timeout', 'primary_stop_timeout', 'master_start_timeout'],
  ...['master_stop_timeout', 'synchronous_node_count', 'max_timelines_history'],
  ...['member_slots_ttl', 'primary_race_backoff'],
] as const;
const others = ['failsafe_mode', 'check_timeline', 'postgresql', 'slots', 'ignore_slots'];
const known: readonly string[] = [...patroniNumbers, ...others];

const ofPostgresql = [
  ...['callbacks', 'create_replica_methods', 'pg_ident', 'recovery_conf', 'use_pg_rewind'],
  ...['use_slots', 'remove_data_directory_on_rewind_failure', 'pg_ctl_timeout'],
  'remove_data_directory_on_diverged_timelines',
];
const ofMember = [
  ...['nostream', 'nofailover', 'nosync', 'noloadbalance', 'clonefrom', 'replicatefrom'],
  ...['failover_priority', 'restapi', 'log', 'ctl', 'bootstrap', 'scope', 'name', 'namespace'],
  ...['etcd', 'etcd3', 'consul', 'zookeeper', 'exhibitor', 'raft', 'kubernetes', 'citus'],
  ...['pg_hba', 'data_dir', 'bin_dir', 'listen', 'connect_address', 'authentication', 'pgpass'],
];
/** Settings that Patroni does not read from its dynamic configuration. Source: Patroni, config.py. */
const ofMemberOnly = [
  ...['connect_address', 'proxy_address', 'listen', 'config_dir', 'data_dir', 'pgpass'],
  'authentication',
];
/** Settings that Forkpoint writes to each member's file, which overrides the dynamic configuration. */
const decidedByFile = [
  'bin_dir',
  'basebackup',
  'use_unix_socket',
  'use_unix_socket_repl',
  'pg_hba',
];

const memberFile = "it belongs in each member's own file, which Forkpoint writes";
const reasons = new Map(
  Object.entries({
    synchronous_mode: 'is set by cluster.synchronous',
    synchronous_mode_strict: 'is set by cluster.synchronous',
    watchdog:
      `is not a dynamic setting: ${memberFile}; a lab of backend local has a stand-in: cluster.watchdog: required. ` +
      'Patroni 3.0 would drop the whole dynamic configuration because of it',
    bootstrap:
      "belongs to Patroni's own file (patroni.yml): put its bootstrap.dcs settings (ttl, loop_wait, ...) " +
      'directly below cluster.patroni',
    pause: 'is maintenance mode, which belongs under faults: { at: 5s, fault: pause-patroni }',
    standby_cluster:
      'makes a standby cluster, which takes no writes: no load could be judged on it. cluster.standby: { nodes: 1 } adds ' +
      'one that follows this cluster',
    tags: 'are no dynamic setting: say them by node, cluster.members: { pg2: { tags: { nofailover: true } } }',
    parameters: 'belongs under cluster: cluster.parameters',
    permanent_slots: "is called 'slots'",
    permanent_replication_slots: "is called 'slots'",
  }),
);

/**
 * Keys and values that Patroni would store and echo but not apply: keys that are not dynamic settings, and values of
 * a type that Patroni drops. Source: Patroni 3.0 and 4.0, config.py, _safe_copy_dynamic_configuration.
 */
export function patroniProblems(settings: Mapping): readonly PatroniProblem[] {
  return Object.entries(settings).flatMap(([key, value]): readonly PatroniProblem[] => {
    const message = problemOfKey(key);
    if (message !== undefined) return [{ path: [key], message }];
    return problemsOfValue(key, value);
  });
}

function problemOfKey(key: string): string | undefined {
  if (known.includes(key)) return undefined;
  const reason = reasons.get(key);
  if (reason !== undefined) return reason;
  if (ofPostgresql.includes(key))
    return `belongs under postgresql: cluster.patroni.postgresql.${key}`;
  if (ofMember.includes(key)) return `is not a dynamic setting: ${memberFile}`;
  const near = nearest(key, known);
  if (near !== undefined) return `unknown key '${key}'; did you mean '${near}'?`;
  return `unknown key '${key}': Patroni would store it and ignore it`;
}

function problemsOfValue(key: string, value: unknown): readonly PatroniProblem[] {
  switch (key) {
    case 'failsafe_mode':
    case 'check_timeline':
      return typeof value === 'boolean' ? [] : [{ path: [key], message: 'must be true or false' }];
    case 'slots':
      return slotProblems(value);
    case 'ignore_slots':
      if (Array.isArray(value) && value.every(isMapping)) return [];
      return [{ path: [key], message: 'must be a list of mappings such as { name: keep_me }' }];
    case 'postgresql':
      return postgresqlProblems(value);
    default:
      return [];
  }
}

function slotProblems(slots: unknown): readonly PatroniProblem[] {
  const example = '{ cdc: { type: logical, database: postgres, plugin: test_decoding } }';
  if (!isMapping(slots)) {
    return [{ path: ['slots'], message: `must be a mapping of names to slots: ${example}` }];
  }
  return Object.entries(slots).flatMap(([name, slot]) => {
    const complain = (message: string) => [{ path: ['slots', name], message }];
    if (!isMapping(slot)) return complain(`must be a mapping, as in ${example}`);
    const { type = 'physical', database, plugin } = slot;
    if (type === 'physical') return [];
    if (type !== 'logical') return complain('type must be physical or logical');
    const isWhole = typeof database === 'string' && typeof plugin === 'string';
    return isWhole ? [] : complain(`a logical slot needs a database and a plugin: ${example}`);
  });
}

function postgresqlProblems(settings: unknown): readonly PatroniProblem[] {
  if (!isMapping(settings)) return [{ path: ['postgresql'], message: 'must be a mapping' }];
  const own = Object.keys(settings).flatMap((key) => {
    const path = ['postgresql', key];
    if (ofMemberOnly.includes(key)) {
      return [{ path, message: `is not a dynamic setting: ${memberFile}` }];
    }
    if (!decidedByFile.includes(key)) return [];
    return [
      { path, message: "has no effect: each member's own file, which takes precedence, sets it" },
    ];
  });
  const { parameters = {} } = settings;
  const isRight = isMapping(parameters) && Object.values(parameters).every(isScalar);
  if (isRight) return own;
  const message = 'must be a mapping of parameters to texts, numbers, true or false';
  return [...own, { path: ['postgresql', 'parameters'], message }];
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isMapping(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
