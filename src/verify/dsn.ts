import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ScenarioError } from '../errors.ts';

/** One server to read, as it was named on the command line. */
export interface Server {
  /** The node's name in the run; undefined when nobody said. */
  readonly name?: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

const noHost = 'no-host.invalid';
const example = 'postgres://user@host:5432/database, or pg1=postgres://... to say which node it is';

/**
 * `[name=]postgres://user[:password]@host[:port]/database[?host=/socket/folder]`.
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
  const user = decoded(url.username) || (environment.PGUSER ?? '');
  if (user === '') throw new ScenarioError(`--dsn: it names no user; it needs ${example}`);
  const host = url.searchParams.get('host') ?? decoded(url.hostname);
  if (host === '' || host === noHost)
    throw new ScenarioError(`--dsn: it names no host; it needs ${example}`);
  // An empty one in the address is none at all.
  const password = decoded(url.password) || environment.PGPASSWORD;
  return {
    ...(name !== undefined && { name }),
    endpoint: { host: host.replace(/^\[|\]$/g, ''), port: Number(url.port || 5432) },
    credentials: {
      ...{ user, database: decoded(url.pathname.slice(1)) || user },
      ...(password !== undefined && { password }),
    },
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
