import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ScenarioError } from '../std/errors.ts';

/** One server to read, as it was named on the command line. */
export interface Server {
  /** The node's name in the run; undefined when nobody said. */
  readonly name?: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

const noHost = 'no-host.invalid';
/** Of libpq's parameters those that are honoured; none is passed over, for what it asks for would not hold. */
const honoured: readonly string[] = ['host', 'port', 'user', 'password', 'dbname', 'sslmode'];
/** Those that a connection without TLS keeps to. */
const plainModes: readonly string[] = ['disable', 'allow', 'prefer'];
const example = 'postgres://user@host:5432/database, or pg1=postgres://... to say which node it is';

/**
 * `[name=]postgres://user[:password]@host[:port]/database[?host=/socket/folder&password=...]`; like libpq, a parameter
 * counts more than what stands before the question mark.
 * A password that is not in it comes from `PGPASSWORD`: what is in a command line, every user of the host can read.
 * Errors: ScenarioError, without the password.
 */
export function parseDsn(text: string, environment: NodeJS.ProcessEnv = process.env): Server {
  const [, name, dsn] = /^(?:([A-Za-z0-9][\w.-]*)=)?(.*)$/s.exec(text) ?? [];
  // libpq takes `postgres://me@/app?host=/folder`; a URL must have a host.
  const url = URL.parse((dsn ?? '').replace(/^(\w+:\/\/(?:[^/?#]*@)?)(?=[/?])/, `$1${noHost}`));
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new ScenarioError(`--dsn: not the address of a PostgreSQL server; it needs ${example}`);
  }
  const parameter = parametersOf(url);
  const user = parameter('user') ?? (decoded(url.username) || environment.PGUSER) ?? '';
  if (user === '') throw new ScenarioError(`--dsn: it names no user; it needs ${example}`);
  const host = parameter('host') ?? decoded(url.hostname);
  if (host === '' || host === noHost)
    throw new ScenarioError(`--dsn: it names no host; it needs ${example}`);
  // An empty one in the address is none at all.
  const password = parameter('password') ?? (decoded(url.password) || environment.PGPASSWORD);
  const port = Number(parameter('port') ?? (url.port || 5432));
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ScenarioError(`--dsn: its port is no number from 1 to 65535; it needs ${example}`);
  return {
    ...(name !== undefined && { name }),
    endpoint: { host: host.replace(/^\[|\]$/g, ''), port },
    credentials: {
      user,
      database: parameter('dbname') ?? (decoded(url.pathname.slice(1)) || user),
      ...(password !== undefined && { password }),
    },
  };
}

/** Errors: ScenarioError for a parameter that would be passed over; its value is not in the message. */
function parametersOf({ searchParams }: URL): (name: string) => string | undefined {
  for (const name of searchParams.keys()) {
    if (honoured.includes(name)) continue;
    throw new ScenarioError(
      `--dsn: the parameter '${name}' is not supported; leave it out. Supported: ${honoured.join(', ')}`,
    );
  }
  const mode = searchParams.get('sslmode');
  if (mode !== null && !plainModes.includes(mode)) {
    throw new ScenarioError(
      `--dsn: connections are made without TLS, so sslmode can only be ${plainModes.join(', ')}`,
    );
  }
  // As with libpq, the last one counts, and an empty one is none at all.
  return (name) => {
    const last = searchParams.getAll(name).at(-1);
    return last === '' ? undefined : last;
  };
}

/** How messages and readback.json name a server that nobody named. */
export function nameOf({ name, endpoint }: Server): string {
  return name ?? `${endpoint.host}:${endpoint.port}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
