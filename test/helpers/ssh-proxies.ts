import { waitUntil } from '../../src/std/wait.ts';
import { userlist } from '../../src/routes/pgbouncer-config.ts';
import type { Inside } from './ssh-machines.ts';
import { placeFiles } from './ssh-machines.ts';
import { ask, type PatroniNode, tlsFiles } from './ssh-patroni.ts';

/** Ports of the HAProxy: its `pooled` leads to the PgBouncer of the leader's node, `direct` to PostgreSQL itself. */
export const entryPorts = { pooled: 5000, direct: 5001 } as const;

/**
 * PgBouncer on every node, in front of its own server. What a client proves with scram it proves to the server in turn: the
 * list holds the server's own secret for the user, and no password.
 */
export async function startPgbouncers(
  nodes: readonly PatroniNode[],
  { user, inside }: { readonly user: string; readonly inside: Inside },
): Promise<void> {
  const [first] = nodes;
  if (!first) throw new Error('no node');
  const question = `SELECT rolpassword FROM pg_authid WHERE rolname = '${user}'`;
  const users = userlist(user, await ask(first.name, question, inside));
  await Promise.all(
    nodes.map(async ({ name, address }) => {
      const files = [
        { path: '/etc/pgbouncer/pgbouncer.ini', text: pgbouncerText(address) },
        { path: '/etc/pgbouncer/userlist.txt', text: users },
      ];
      await placeFiles(name, files, inside);
      await inside(name, daemon('postgres', 'pgbouncer /etc/pgbouncer/pgbouncer.ini'));
    }),
  );
}

/** HAProxy with Patroni's checks over https; waits until it leads somewhere. */
export async function startHaproxy(
  name: string,
  nodes: readonly PatroniNode[],
  { root, inside }: { readonly root: string; readonly inside: Inside },
): Promise<void> {
  const files = [
    { path: '/etc/haproxy/ca.crt', text: root, owner: 'root', mode: '0644' },
    { path: '/etc/haproxy/haproxy.cfg', text: haproxyText(nodes), owner: 'root', mode: '0644' },
  ];
  await placeFiles(name, files, inside);
  await inside(name, daemon('root', 'haproxy -W -db -f /etc/haproxy/haproxy.cfg'));
  const isUp = async () => {
    const stat = `echo 'show stat' | socat - UNIX-CONNECT:/run/haproxy.sock | cut -d, -f1,2,18`;
    const said = await inside(name, `${stat} 2>/dev/null || true`);
    // Before its first check a server counts as up, and so a replica would.
    return ['pooled', 'direct'].every((part) => {
      const servers = said.split('\n').filter((line) => line.startsWith(`${part},pg`));
      return servers.filter((line) => line.endsWith(',UP')).length === 1;
    });
  };
  await waitUntil('HAProxy leads to the leader alone', isUp, { timeoutMs: 180_000, everyMs: 500 });
}

const daemon = (user: string, command: string) =>
  `setsid setpriv --reuid=${user} --init-groups --regid=${user} ${command} >>/var/log/proxy.log 2>&1 </dev/null &`;

const pgbouncerText = (address: string) => `[databases]
app = host=${address} port=5432 dbname=app

[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/userlist.txt
pool_mode = transaction
client_tls_sslmode = require
client_tls_cert_file = ${tlsFiles.certificate}
client_tls_key_file = ${tlsFiles.key}
server_tls_sslmode = verify-full
server_tls_ca_file = ${tlsFiles.ca}
`;

/** TLS passes through: PostgreSQL's begins inside its own protocol, which HAProxy does not speak. */
const haproxyText = (nodes: readonly PatroniNode[]) => `global
    maxconn 1000
    stats socket /run/haproxy.sock
defaults
    mode tcp
    timeout client 30m
    timeout connect 4s
    timeout server 30m
    timeout check 5s
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions check-ssl verify required ca-file /etc/haproxy/ca.crt
${section('pooled', 6432, nodes)}
${section('direct', 5432, nodes)}
`;

const section = (name: keyof typeof entryPorts, port: number, nodes: readonly PatroniNode[]) =>
  [
    `listen ${name}`,
    `    bind *:${entryPorts[name]}`,
    ...nodes.map(
      (node) =>
        `    server ${node.name} ${node.address}:${port} check port 8008 verifyhost ${node.name}`,
    ),
  ].join('\n');
