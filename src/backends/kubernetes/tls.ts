import { X509Certificate } from 'node:crypto';
import type { TlsOptions } from '../../contracts/tls.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { type Api, ask } from './api.ts';
import type { KubernetesParams } from './params.ts';

/**
 * How pods' servers are connected to; undefined: as libpq does by default.
 * Errors: EnvironmentError for a Secret that cannot be read, lacks the key, or holds no certificate there.
 */
export async function tlsOf(api: Api, { tls }: KubernetesParams): Promise<TlsOptions | undefined> {
  if (!tls) return undefined;
  const { mode, secret, caKey = 'ca.crt', serverName } = tls;
  const rootCertificates = secret === undefined ? undefined : await rootIn(api, secret, caKey);
  return {
    mode,
    ...(rootCertificates !== undefined && { rootCertificates }),
    ...(serverName !== undefined && { serverName }),
  };
}

async function rootIn(api: Api, secret: string, key: string): Promise<string> {
  const { namespace } = api;
  const { data = {} } = await ask(api, 'get', 'secrets', () =>
    api.core.readNamespacedSecret({ namespace, name: secret }),
  );
  const where = `Secret ${secret} in namespace ${namespace}`;
  const value = data[key];
  if (value === undefined) {
    const known = Object.keys(data).join(', ') || 'none';
    throw new EnvironmentError(`${where} has no key '${key}'; it has ${known}: write tls.caKey`);
  }
  const text = Buffer.from(value, 'base64').toString();
  if (!isCertificate(text)) {
    throw new EnvironmentError(`${where}: ${key} holds no certificate in PEM`);
  }
  return text;
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
