import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, getCACertificates } from 'node:tls';
import type { Endpoint } from '../contracts/cluster.ts';
import type { TlsOptions } from '../contracts/tls.ts';

/** One way to open a connection: without TLS, or with these options of Node. */
export type TlsAttempt = false | ConnectionOptions;

/**
 * The ways to open a connection, in libpq's order. More than one only if the mode allows both: a mode that demands TLS
 * never falls back. A Unix socket has no TLS, whatever the mode.
 * Source: PostgreSQL, "SSL Support", table "SSL Mode Descriptions".
 */
export function tlsAttempts({ host, tls }: Endpoint): readonly TlsAttempt[] {
  if (!tls || tls.mode === 'disable' || host.startsWith('/')) return [false];
  const encrypted = connectionOptions(host, tls);
  if (tls.mode === 'allow') return [false, encrypted];
  if (tls.mode === 'prefer') return [encrypted, false];
  return [encrypted];
}

function connectionOptions(host: string, tls: TlsOptions): ConnectionOptions {
  const name = tls.serverName ?? host;
  return {
    ...(isIP(name) === 0 && { servername: name }),
    ...verification(name, tls),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.keyPassword !== undefined && { passphrase: tls.keyPassword }),
    ...(tls.minVersion && { minVersion: tls.minVersion }),
    ...(tls.maxVersion && { maxVersion: tls.maxVersion }),
  };
}

/** `require` verifies the chain if roots are given, as in libpq. */
function verification(name: string, tls: TlsOptions): ConnectionOptions {
  const { mode, rootCertificates, revocationList } = tls;
  const isChainVerified =
    mode === 'verify-ca' || mode === 'verify-full' || rootCertificates !== undefined;
  if (!isChainVerified) return { rejectUnauthorized: false };
  return {
    rejectUnauthorized: true,
    ca: rootCertificates === 'system' ? getCACertificates('system') : (rootCertificates ?? []),
    ...(revocationList !== undefined && { crl: revocationList }),
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(name, certificate) : undefined,
  };
}
