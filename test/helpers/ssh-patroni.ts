import { waitUntil } from '../../src/std/wait.ts';
import type { Certificate } from './certificates.ts';
import type { Inside, PlacedFile } from './ssh-machines.ts';

export const restPassword = 'rest of the staple';
export const startPatroni = '/usr/local/bin/start-patroni';
/** On each node. */
export const tlsFiles = {
  ca: '/etc/patroni/ca.crt',
  certificate: '/etc/patroni/node.crt',
  key: '/etc/patroni/node.key',
} as const;

export interface PatroniNode {
  readonly name: string;
  readonly address: string;
}

/** Certificates, Patroni's configuration, and what starts it. */
export function patroniFiles(
  { name, address }: PatroniNode,
  { certificate, key }: Certificate,
  { root, dcs }: { readonly root: string; readonly dcs: string },
): readonly PlacedFile[] {
  return [
    { path: tlsFiles.ca, text: root, mode: '0644' },
    { path: tlsFiles.certificate, text: certificate },
    { path: tlsFiles.key, text: key },
    { path: '/etc/patroni/patroni.yml', text: configOf(name, address, dcs) },
    { path: startPatroni, text: startText, owner: 'root', mode: '0755' },
  ];
}

/** As a service of an account: it stays in the folder where it is started, like any program without an init system. */
const startText = `#!/bin/bash
# Harmless where Patroni runs already.
pgrep -x patroni >/dev/null && exit 0
export PATH=/usr/lib/postgresql/17/bin:$PATH
setsid setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql \\
  patroni /etc/patroni/patroni.yml >>/var/log/patroni.log 2>&1 </dev/null &
`;

/** JSON is YAML. */
function configOf(name: string, address: string, dcs: string): string {
  const tls = { certfile: tlsFiles.certificate, keyfile: tlsFiles.key };
  return JSON.stringify({
    scope: 'staging',
    name,
    restapi: {
      listen: '0.0.0.0:8008',
      connect_address: `${address}:8008`,
      ...tls,
      authentication: { username: 'patroni', password: restPassword },
    },
    ctl: { cacert: tlsFiles.ca },
    etcd3: { hosts: [dcs] },
    bootstrap: {
      dcs: {
        ttl: 60,
        loop_wait: 5,
        retry_timeout: 20,
        maximum_lag_on_failover: 104857600,
        postgresql: {
          use_pg_rewind: true,
          parameters: {
            max_connections: 100,
            wal_log_hints: 'on',
            wal_sender_timeout: '5s',
            wal_receiver_timeout: '5s',
            wal_retrieve_retry_interval: '200ms',
          },
        },
      },
      initdb: ['data-checksums', 'no-sync', { locale: 'C' }, { encoding: 'UTF8' }],
    },
    postgresql: {
      listen: '0.0.0.0:5432',
      connect_address: `${address}:5432`,
      data_dir: '/srv/pg/data',
      bin_dir: '/usr/lib/postgresql/17/bin',
      pgpass: '/var/lib/forkpoint/pgpass',
      use_unix_socket: true,
      authentication: {
        superuser: { username: 'postgres', password: 'super' },
        replication: { username: 'replicator', password: 'copy', sslmode: 'require' },
        rewind: { username: 'rewinder', password: 'back', sslmode: 'require' },
      },
      basebackup: [{ checkpoint: 'fast' }, 'no-sync'],
      parameters: {
        unix_socket_directories: '/var/run/postgresql',
        ssl: 'on',
        ssl_cert_file: tls.certfile,
        ssl_key_file: tls.keyfile,
      },
      pg_hba: [
        'local all all trust',
        'hostssl replication replicator all scram-sha-256',
        'hostssl all all all scram-sha-256',
      ],
    },
  });
}

/** The first alone until it is primary; then the others, until all stream. */
export async function startNodes(nodes: readonly PatroniNode[], inside: Inside): Promise<string> {
  const [first, ...others] = nodes;
  if (!first) throw new Error('no node');
  const { name } = first;
  await inside(name, startPatroni);
  await untilAnswer({ name, inside }, 'SELECT NOT pg_is_in_recovery()', 't');
  await Promise.all(others.map((node) => inside(node.name, startPatroni)));
  const streaming = `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`;
  await untilAnswer({ name, inside }, streaming, String(others.length));
  return name;
}

export async function ask(name: string, sql: string, inside: Inside): Promise<string> {
  const psql = 'psql -XAtqU postgres -h /var/run/postgresql -v ON_ERROR_STOP=1';
  return (await inside(name, psql, sql)).trim();
}

async function untilAnswer(
  { name, inside }: { readonly name: string; readonly inside: Inside },
  sql: string,
  wanted: string,
): Promise<void> {
  const isSo = async () => (await ask(name, sql, inside)) === wanted;
  await waitUntil(`${name}: ${sql}: ${wanted}`, isSo, { timeoutMs: 120_000, everyMs: 200 });
}
