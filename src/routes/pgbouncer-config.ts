import type { ProxyConfig } from '../contracts/route.ts';
import { ScenarioError } from '../std/errors.ts';
import type { MadeConfig } from './haproxy-config.ts';
import { pgbouncerPort } from './proxies.ts';

export interface PgbouncerOptions {
  /** What its server connections lead to. */
  readonly server: { readonly name: string; readonly host: string; readonly port: number };
  readonly pooling: 'session' | 'transaction';
  readonly clients: number;
  /** A file that only its account can read; the password is nowhere else. */
  readonly authFile: string;
  readonly hasPassword: boolean;
  /** May use the admin console: the harness, which pauses it. */
  readonly user: string;
  /** 1.18.0 */
  readonly version: string;
  readonly own?: ProxyConfig | undefined;
}

/** PgBouncer's own default. */
const usualPoolSize = 20;
const usualClients = 100;
/** Cannot be had here, or belongs to the machine that the user's file was written for. */
const replaced = [
  ...['listen_addr', 'listen_port', 'unix_socket_dir', 'unix_socket_mode', 'unix_socket_group'],
  ...['auth_type', 'auth_file', 'auth_hba_file', 'auth_query', 'auth_user', 'auth_dbname'],
  ...['logfile', 'pidfile', 'user', 'syslog', 'syslog_ident', 'syslog_facility', 'service_name'],
  ...['admin_users', 'resolv_conf', 'job_name', 'so_reuseport', 'auth_ident_file', 'pool_mode'],
];
const preparedSince = [1, 21];

/** PgBouncer's configuration: its defaults where nothing is said, or the user's file with what has to be replaced. */
export function pgbouncerConfig(options: PgbouncerOptions): MadeConfig {
  const { server, pooling, clients, authFile, hasPassword, user, own } = options;
  const notes: string[] = [];
  const kept = own ? keptOf(own, options, notes) : [];
  const has = (key: string) => kept.some(([name]) => name === key);
  const lines = [
    '[databases]',
    `* = host=${server.host} port=${server.port}`,
    '',
    '[pgbouncer]',
    'listen_addr = *',
    `listen_port = ${pgbouncerPort}`,
    'unix_socket_dir =',
    `auth_type = ${hasPassword ? 'scram-sha-256' : 'trust'}`,
    `auth_file = ${authFile}`,
    `admin_users = ${user}`,
    `pool_mode = ${pooling}`,
    ...(has('max_client_conn') ? [] : [`max_client_conn = ${Math.max(usualClients, 2 * clients)}`]),
    // Each client of session pooling holds a server connection: fewer would starve the others for good.
    ...(has('default_pool_size')
      ? []
      : [
          `default_pool_size = ${pooling === 'session' ? Math.max(usualPoolSize, clients) : usualPoolSize}`,
        ]),
    ...kept.map(([key, value]) => `${key} = ${value}`),
  ];
  return { text: `${lines.join('\n')}\n`, port: pgbouncerPort, notes };
}

type Pair = readonly [key: string, value: string];

function keptOf(
  own: ProxyConfig,
  { server, version }: PgbouncerOptions,
  notes: string[],
): readonly Pair[] {
  const { file, text = '' } = own;
  if (/^\s*%include/m.test(text)) throw new ScenarioError(`${file}: %include is not followed`);
  for (const [name, value] of sectionOf(text, 'databases')) {
    const there = `${server.name} (${server.host}:${server.port})`;
    notes.push(`${file}: \`${name} = ${withoutSecrets(value)}\` leads to ${there} here`);
  }
  return sectionOf(text, 'pgbouncer').filter(([key, value]) => {
    if (key === 'max_prepared_statements' && !isSince(version, preparedSince)) {
      notes.push(
        `${file}: \`${key} = ${value}\` is left out: PgBouncer ${version} has none (1.21 or later)`,
      );
      return false;
    }
    const isReplaced = replaced.includes(key) || key.includes('_tls_');
    if (isReplaced && key !== 'pool_mode') notes.push(`${file}: \`${key}\` is replaced`);
    return !isReplaced;
  });
}

function sectionOf(text: string, name: string): readonly Pair[] {
  const pairs: Pair[] = [];
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
    const head = /^\[(\w+)\]/.exec(line)?.[1];
    if (head !== undefined) section = head;
    const [, key = '', value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (head === undefined && section === name && key !== '') pairs.push([key, value]);
  }
  return pairs;
}

function withoutSecrets(value: string): string {
  return value.replace(/password\s*=\s*('[^']*'|\S+)/g, 'password=***');
}

function isSince(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** Shape: "user" "password", quotes doubled. */
export function userlist(user: string, password: string): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return `${quoted(user)} ${quoted(password)}\n`;
}
