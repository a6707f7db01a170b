/** What becomes of one of libpq's connection parameters here. */
export interface ParameterRule {
  readonly variable?: string;
  /** `honoured`: takes effect. `only`: accepted with values that hold anyway. `refused`: never accepted. */
  readonly use: 'honoured' | 'only' | 'refused';
  /** For `only`: the accepted values. */
  readonly values?: readonly string[];
  /** What it does here, or why it is refused and what to use instead. */
  readonly note: string;
}

const honoured = (note: string, variable?: string): ParameterRule => ({
  ...(variable !== undefined && { variable }),
  use: 'honoured',
  note,
});
const refused = (note: string, variable?: string): ParameterRule => ({
  ...(variable !== undefined && { variable }),
  use: 'refused',
  note,
});
const only = (values: readonly string[], note: string, variable?: string): ParameterRule => ({
  ...(variable !== undefined && { variable }),
  use: 'only',
  values,
  note,
});

const off = ['0', 'off', 'false', 'no'];
const noGssapi = 'GSSAPI is not supported';
const ownDeadline = 'every operation has a deadline of its own, which ends a silent connection';

/**
 * Every connection parameter of libpq 18, in its manual's order. What is not in it does not exist.
 * docs/connections.md is generated from it.   Source: PostgreSQL 18, "Parameter Key Words" and "Environment Variables".
 */
export const libpqParameters: Readonly<Record<string, ParameterRule>> = {
  host: honoured('one or several, separated by commas; a folder is a Unix socket', 'PGHOST'),
  hostaddr: honoured('connects to this address; TLS still verifies `host`', 'PGHOSTADDR'),
  port: honoured('one for all hosts, or one per host', 'PGPORT'),
  dbname: honoured('default: the user', 'PGDATABASE'),
  user: honoured('default: the account that runs forkpoint', 'PGUSER'),
  password: honoured('prefer PGPASSWORD or a password file to a command line', 'PGPASSWORD'),
  passfile: honoured('default: ~/.pgpass; must not be readable by others', 'PGPASSFILE'),
  require_auth: refused(
    'the driver accepts the method that the server asks for; allow one method in pg_hba.conf',
    'PGREQUIREAUTH',
  ),
  channel_binding: only(
    ['disable', 'prefer'],
    'the driver cannot require it; sslmode=verify-full proves the server instead',
    'PGCHANNELBINDING',
  ),
  connect_timeout: honoured('seconds per host; 0: the command decides', 'PGCONNECT_TIMEOUT'),
  client_encoding: only(['UTF8', 'UTF-8', 'auto'], 'sessions are UTF8', 'PGCLIENTENCODING'),
  options: honoured(
    '`-c name=value` settings for the session; refused: those that forkpoint sets itself, as search_path and statement_timeout',
    'PGOPTIONS',
  ),
  application_name: honoured('default: forkpoint', 'PGAPPNAME'),
  fallback_application_name: honoured('used where application_name is absent'),
  keepalives: only(['1'], 'TCP keepalives are always on, after 2 s of silence'),
  keepalives_idle: refused(ownDeadline),
  keepalives_interval: refused(ownDeadline),
  keepalives_count: refused(ownDeadline),
  tcp_user_timeout: refused(ownDeadline),
  replication: only(off, 'forkpoint runs SQL, no replication commands'),
  gssencmode: only(['disable', 'prefer'], noGssapi, 'PGGSSENCMODE'),
  sslmode: honoured('disable, allow, prefer, require, verify-ca, verify-full', 'PGSSLMODE'),
  requiressl: refused('libpq has dropped it; use sslmode=require', 'PGREQUIRESSL'),
  sslnegotiation: honoured('postgres, or direct (PostgreSQL 17)', 'PGSSLNEGOTIATION'),
  sslcompression: only(
    off,
    'TLS compression is insecure; PostgreSQL has dropped it',
    'PGSSLCOMPRESSION',
  ),
  sslcert: honoured('default: ~/.postgresql/postgresql.crt, if it exists', 'PGSSLCERT'),
  sslkey: honoured('default: ~/.postgresql/postgresql.key, if it exists', 'PGSSLKEY'),
  sslpassword: honoured('of an encrypted sslkey'),
  sslkeylogfile: refused('it would write the keys of the session to a file'),
  sslcertmode: only(
    ['allow', 'disable'],
    'the driver cannot see whether the server asked for a certificate; clientcert= in pg_hba.conf does',
    'PGSSLCERTMODE',
  ),
  sslrootcert: honoured(
    'a file, or `system`; default: ~/.postgresql/root.crt, if it exists',
    'PGSSLROOTCERT',
  ),
  sslcrl: honoured('a file; default: ~/.postgresql/root.crl, if it exists', 'PGSSLCRL'),
  sslcrldir: refused('put the revocation lists in one file and use sslcrl', 'PGSSLCRLDIR'),
  sslsni: only(['1'], 'the host name is always sent', 'PGSSLSNI'),
  requirepeer: refused('the driver does not see who owns a Unix socket', 'PGREQUIREPEER'),
  ssl_min_protocol_version: honoured(
    'TLSv1.2 or TLSv1.3; default: TLSv1.2',
    'PGSSLMINPROTOCOLVERSION',
  ),
  ssl_max_protocol_version: honoured('TLSv1.2 or TLSv1.3', 'PGSSLMAXPROTOCOLVERSION'),
  min_protocol_version: refused('the driver speaks protocol 3.0 only', 'PGMINPROTOCOLVERSION'),
  max_protocol_version: only(['3.0'], 'the driver speaks protocol 3.0', 'PGMAXPROTOCOLVERSION'),
  krbsrvname: refused(noGssapi, 'PGKRBSRVNAME'),
  gsslib: refused(noGssapi, 'PGGSSLIB'),
  gssdelegation: only(['0'], noGssapi, 'PGGSSDELEGATION'),
  scram_client_key: refused('give the password instead'),
  scram_server_key: refused('give the password instead'),
  service: honoured('a section of the service file', 'PGSERVICE'),
  servicefile: honoured('default: ~/.pg_service.conf', 'PGSERVICEFILE'),
  target_session_attrs: honoured(
    'any, read-write, read-only, primary, standby, prefer-standby',
    'PGTARGETSESSIONATTRS',
  ),
  load_balance_hosts: honoured('disable, or random: the order of the hosts', 'PGLOADBALANCEHOSTS'),
  oauth_issuer: refused('OAuth is not supported'),
  oauth_client_id: refused('OAuth is not supported'),
  oauth_client_secret: refused('OAuth is not supported'),
  oauth_scope: refused('OAuth is not supported'),
};
