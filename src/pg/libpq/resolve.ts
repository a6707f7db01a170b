import { userInfo } from 'node:os';
import type { Credentials, Endpoint } from '../../contracts/cluster.ts';
import { ScenarioError } from '../../std/errors.ts';
import { settingsOf } from './options.ts';
import { readEnvironment } from './environment.ts';
import { libpqParameters } from './parameters.ts';
import { parseConnectionString, type RawParameters } from './parse.ts';
import { passwordFromFile } from './password-file.ts';
import { readService } from './service-file.ts';
import { tlsOf } from './tls-parameters.ts';
import { oneOf } from './value.ts';

export const sessionTargets = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;
export type SessionTarget = (typeof sessionTargets)[number];

/** One host of a connection string, with the login for it: a password file may have a password per host. */
export interface Host {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

export interface Connection {
  /** In the order in which they are tried; at least one. */
  readonly hosts: readonly Host[];
  readonly targetSession: SessionTarget;
  readonly isShuffled: boolean;
  /** For a person: which variables were used under another name. */
  readonly notes: readonly string[];
}

const defaultPort = 5432;

/**
 * A connection as libpq understands it: the string first, then the service file, then the environment, then defaults.
 * Without a string, DATABASE_URL is the string.
 * Errors: ScenarioError that names the parameter and the remedy, never a password.
 */
export async function resolveConnection(
  text: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Connection> {
  const given = text ?? environment.DATABASE_URL;
  const own: RawParameters =
    given === undefined || given === '' ? new Map() : parseConnectionString(given);
  const { parameters: around, notes } = readEnvironment(environment);
  const service = own.get('service') ?? around.get('service');
  const file = own.get('servicefile');
  const fromService: RawParameters =
    service === undefined
      ? new Map()
      : await readService(service, { environment, ...(file !== undefined && { file }) });
  const parameters = new Map([...around, ...fromService, ...own]);
  for (const [name, value] of parameters) assertAccepted(name, value);
  // A variable that the string or the service overrides is not used.
  const used = [...notes].filter(([name]) => !own.has(name) && !fromService.has(name));
  return { ...(await connectionOf(parameters)), notes: used.map(([, note]) => note) };
}

/** Errors: ScenarioError for what would be passed over: what it asks for would not hold. */
function assertAccepted(name: string, value: string): void {
  const rule = libpqParameters[name];
  if (!rule || rule.use === 'honoured') return;
  if (rule.use === 'refused') {
    throw new ScenarioError(`the connection parameter '${name}' is not supported: ${rule.note}`);
  }
  if (rule.values?.includes(value)) return;
  throw new ScenarioError(
    `the connection parameter '${name}' can only be ${(rule.values ?? []).join(' or ')}: ${rule.note}`,
  );
}

async function connectionOf(parameters: RawParameters): Promise<Omit<Connection, 'notes'>> {
  const login = loginOf(parameters);
  const { user, database } = login;
  const hosts: Host[] = [];
  for (const { host, port, serverName } of hostsOf(parameters)) {
    const password =
      parameters.get('password') ??
      (await passwordFromFile(
        { host: serverName ?? host, port, user, database },
        parameters.get('passfile'),
      ));
    const tls = await tlsOf(parameters, serverName);
    hosts.push({
      endpoint: { host, port, ...(tls.mode !== 'disable' && { tls }) },
      credentials: { ...login, ...(password !== undefined && { password }) },
    });
  }
  return {
    hosts,
    targetSession: oneOf(
      'target_session_attrs',
      parameters.get('target_session_attrs') ?? 'any',
      sessionTargets,
    ),
    isShuffled:
      oneOf('load_balance_hosts', parameters.get('load_balance_hosts') ?? 'disable', [
        'disable',
        'random',
      ]) === 'random',
  };
}

/** All but the password, which may differ by host. */
function loginOf(parameters: RawParameters): Omit<Credentials, 'password'> {
  const user = parameters.get('user') ?? userInfo().username;
  const settings = settingsOf(parameters.get('options') ?? '');
  const timeoutMs = connectTimeoutMs(parameters.get('connect_timeout'));
  const applicationName =
    parameters.get('application_name') ?? parameters.get('fallback_application_name');
  return {
    user,
    database: parameters.get('dbname') ?? user,
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(applicationName !== undefined && { applicationName }),
    ...(timeoutMs !== undefined && { connectTimeoutMs: timeoutMs }),
  };
}

interface HostPort {
  /** What is connected to. */
  readonly host: string;
  readonly port: number;
  /** What TLS verifies and the password file names, where that is another. */
  readonly serverName?: string;
}

function hostsOf(parameters: RawParameters): readonly HostPort[] {
  const names = parameters.get('host')?.split(',') ?? [];
  const addresses = parameters.get('hostaddr')?.split(',') ?? [];
  const count = Math.max(names.length, addresses.length);
  if (count === 0) {
    throw new ScenarioError(
      'no host: give one in the connection string, in PGHOST or in DATABASE_URL, for example postgres://user@host/database',
    );
  }
  if (names.length > 0 && addresses.length > 0 && names.length !== addresses.length) {
    throw new ScenarioError(`${names.length} hosts and ${addresses.length} addresses in hostaddr`);
  }
  const ports = parameters.get('port')?.split(',') ?? [''];
  if (ports.length !== 1 && ports.length !== count) {
    throw new ScenarioError(
      `${count} hosts and ${ports.length} ports: give one port, or one per host`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const name = names[index] ?? '';
    const address = addresses[index] ?? '';
    const host = address === '' ? name : address;
    if (host === '') throw new ScenarioError('an empty host in the list: give every host a name');
    const port = portOf(ports.length === 1 ? (ports[0] ?? '') : (ports[index] ?? ''));
    return { host, port, ...(address !== '' && name !== '' && { serverName: name }) };
  });
}

function portOf(text: string): number {
  if (text === '') return defaultPort;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new ScenarioError('port: not a number from 1 to 65535');
}

/** Seconds; as in libpq, 0 and below mean no limit. */
function connectTimeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isInteger(seconds)) {
    throw new ScenarioError('connect_timeout: not a whole number of seconds');
  }
  return seconds <= 0 ? undefined : seconds * 1_000;
}
