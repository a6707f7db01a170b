/** libpq's sslmode. Source: PostgreSQL, "SSL Support". */
export type TlsMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/**
 * How a connection is encrypted, and how the server proves who it is. Certificates and keys are PEM text and not
 * paths, so that a load worker on another machine needs no files. A key is a secret: never in argv, logs or reports.
 */
export interface TlsOptions {
  readonly mode: TlsMode;
  /** Trusted roots; `system`: those of the host. Absent: the server's certificate is not verified. */
  readonly rootCertificates?: string;
  readonly revocationList?: string;
  /** The client's own certificate and its key. */
  readonly certificate?: string;
  readonly key?: string;
  /** Of an encrypted key. */
  readonly keyPassword?: string;
  /** `direct` (PostgreSQL 17): the handshake starts at once, without SSLRequest. Absent: postgres. */
  readonly negotiation?: 'postgres' | 'direct';
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** The name that the certificate must hold, where the endpoint's host is only an address. */
  readonly serverName?: string;
}
