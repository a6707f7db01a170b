import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TlsMode, TlsOptions, TlsVersion } from '../../contracts/tls.ts';
import { ScenarioError, messageOf } from '../../std/errors.ts';
import type { RawParameters } from './parse.ts';
import { oneOf } from './value.ts';

const modes: readonly TlsMode[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
];
const versions: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];
const closedToOthers = 0o077;
/** Root may share a key with a group. */
const closedToTheWorld = 0o027;

/**
 * libpq's TLS parameters with their files read.
 * Errors: ScenarioError that names the parameter, the file and the remedy.
 * Source: PostgreSQL, "SSL Support" and "Parameter Key Words".
 */
export async function tlsOf(
  parameters: RawParameters,
  serverName: string | undefined,
): Promise<TlsOptions> {
  const mode = oneOf('sslmode', parameters.get('sslmode') ?? 'prefer', modes);
  if (mode === 'disable') return { mode };
  const rootCertificates = await rootsOf(parameters, mode);
  const own = await clientCertificateOf(parameters);
  const revocationList = await optionalFile(parameters, 'sslcrl', 'root.crl');
  const minVersion = versionOf(parameters, 'ssl_min_protocol_version');
  const maxVersion = versionOf(parameters, 'ssl_max_protocol_version');
  if (minVersion === 'TLSv1.3' && maxVersion === 'TLSv1.2') {
    throw new ScenarioError('ssl_min_protocol_version is above ssl_max_protocol_version');
  }
  return {
    mode,
    ...(rootCertificates !== undefined && { rootCertificates }),
    ...(revocationList !== undefined && { revocationList }),
    ...own,
    ...negotiationOf(parameters, mode),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
    ...(serverName !== undefined && { serverName }),
  };
}

async function rootsOf(parameters: RawParameters, mode: TlsMode): Promise<string | undefined> {
  if (parameters.get('sslrootcert') === 'system') {
    if (mode === 'verify-full') return 'system';
    throw new ScenarioError(
      `sslrootcert=system demands sslmode=verify-full, not ${mode}: anyone can get a certificate from a public authority`,
    );
  }
  const roots = await optionalFile(parameters, 'sslrootcert', 'root.crt');
  if (roots !== undefined || (mode !== 'verify-ca' && mode !== 'verify-full')) return roots;
  throw new ScenarioError(
    `sslmode=${mode} needs the root certificate that signed the server's: give sslrootcert=FILE, or sslrootcert=system ` +
      `with verify-full; there is no ${join(homedir(), '.postgresql/root.crt')}`,
  );
}

async function clientCertificateOf(
  parameters: RawParameters,
): Promise<Pick<TlsOptions, 'certificate' | 'key' | 'keyPassword'>> {
  if (parameters.get('sslcertmode') === 'disable') return {};
  const certificate = await optionalFile(parameters, 'sslcert', 'postgresql.crt');
  if (certificate === undefined) {
    if (!parameters.has('sslkey')) return {};
    throw new ScenarioError('sslkey is given without a certificate; add sslcert=FILE');
  }
  const path = parameters.get('sslkey') ?? inFolder('postgresql.key');
  await assertPrivate(path);
  const key = await textOf('sslkey', path);
  const keyPassword = parameters.get('sslpassword');
  return { certificate, key, ...(keyPassword !== undefined && { keyPassword }) };
}

/** libpq's rule: closed to others, or root's own and closed to the world. */
async function assertPrivate(path: string): Promise<void> {
  const { mode, uid } = await stat(path).catch((error: unknown) => {
    throw new ScenarioError(`sslkey: ${messageOf(error)}`, { cause: error });
  });
  const forbidden = uid === 0 ? closedToTheWorld : closedToOthers;
  if ((mode & forbidden) === 0) return;
  throw new ScenarioError(`sslkey: others may read ${path}; run: chmod 600 ${path}`);
}

function negotiationOf(parameters: RawParameters, mode: TlsMode): Pick<TlsOptions, 'negotiation'> {
  const negotiation = parameters.get('sslnegotiation');
  if (negotiation === undefined) return {};
  const chosen = oneOf('sslnegotiation', negotiation, ['postgres', 'direct'] as const);
  if (chosen === 'direct' && (mode === 'allow' || mode === 'prefer')) {
    throw new ScenarioError(
      `sslnegotiation=direct cannot fall back, so it needs sslmode=require or stronger, not ${mode}`,
    );
  }
  return { negotiation: chosen };
}

function versionOf(parameters: RawParameters, name: string): TlsVersion | undefined {
  const version = parameters.get(name);
  return version === undefined ? undefined : oneOf(name, version, versions);
}

/** The named file, or the default one where it exists. */
async function optionalFile(
  parameters: RawParameters,
  name: string,
  defaultName: string,
): Promise<string | undefined> {
  const path = parameters.get(name);
  if (path !== undefined) return await textOf(name, path);
  return await readFile(inFolder(defaultName), 'utf8').catch(() => undefined);
}

async function textOf(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ScenarioError(`${name}: ${messageOf(error)}`, { cause: error });
  }
}

function inFolder(name: string): string {
  return join(homedir(), '.postgresql', name);
}
