import { readFile } from 'node:fs/promises';
import type { Credentials, Endpoint, ProcessControl } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import type { HttpTarget } from '../../patroni/http.ts';
import { resolveConnection } from '../../pg/libpq/resolve.ts';
import { ScenarioError, messageOf } from '../../std/errors.ts';
import type { ExternalParams, NodeParams, Secret } from './params.ts';

/** How the harness and the load reach one node. */
export interface NodeAccess {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly rest?: HttpTarget;
  readonly params: NodeParams;
  /** The way to its machine, where that is no command of the file's. */
  readonly shell?: Shell;
  /** Where its files are as that shell sees them; absent: /. */
  readonly root?: string;
  /** Where its processes are started by what runs them, and not by a command. */
  readonly process?: ProcessControl;
}

/** Errors: ScenarioError for a secret or a certificate that cannot be read; secrets are not in the message. */
export async function accessesOf(params: ExternalParams): Promise<readonly NodeAccess[]> {
  const { credentials, patroni } = params;
  const password =
    credentials.password && (await secretOf('credentials.password', credentials.password));
  const auth = patroni?.auth && {
    user: patroni.auth.user,
    password: await secretOf('patroni.auth.password', patroni.auth.password),
  };
  const rootCert = patroni?.tls?.rootCert;
  const ca = rootCert === undefined ? undefined : await textOf('patroni.tls.rootCert', rootCert);
  return await Promise.all(
    Object.entries(params.nodes).map(async ([name, node]) => {
      const login = await loginTo(node, params, password);
      const rest = node.patroni === undefined ? undefined : restTarget(node.patroni, { auth, ca });
      return { name, ...login, ...(rest && { rest }), params: node };
    }),
  );
}

/** By way of libpq's rules: the password file, defaults of TLS, and what is refused, are the same everywhere. */
export async function loginTo(
  { host, port }: Pick<NodeParams, 'host' | 'port'>,
  { credentials, tls }: ExternalParams,
  password: string | undefined,
): Promise<{ readonly endpoint: Endpoint; readonly credentials: Credentials }> {
  const parameters: Record<string, string | undefined> = {
    host,
    // PGHOSTADDR would lead every node to one address.
    hostaddr: '',
    port: String(port),
    user: credentials.user,
    dbname: credentials.database ?? credentials.user,
    password,
    sslmode: tls?.mode,
    sslrootcert: tls?.rootCert,
    sslcert: tls?.cert,
    sslkey: tls?.key,
  };
  const text = Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]))
    .join(' ');
  const { hosts } = await resolveConnection(text);
  const [first] = hosts;
  if (!first) throw new ScenarioError(`${host}: no host`);
  return first;
}

function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

function restTarget(
  address: string,
  more: {
    readonly auth?: { readonly user: string; readonly password: string } | undefined;
    readonly ca?: string | undefined;
  },
): HttpTarget {
  const url = new URL(address);
  const isTls = url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isTls ? 443 : 80)),
    ...(isTls && { tls: more.ca === undefined ? {} : { ca: more.ca } }),
    ...(more.auth && { auth: more.auth }),
  };
}

async function secretOf(key: string, secret: Secret): Promise<string> {
  if ('file' in secret) return (await textOf(key, secret.file)).replace(/\r?\n$/, '');
  const value = process.env[secret.env];
  if (value !== undefined && value !== '') return value;
  throw new ScenarioError(`${key}: the variable ${secret.env} is not set`);
}

async function textOf(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ScenarioError(`${key}: ${messageOf(error)}`, { cause: error });
  }
}
