import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createNetwork } from '../../src/backends/docker/network.ts';
import { ownLabels } from '../../src/backends/docker/labels.ts';
import { http } from '../../src/patroni/http.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { run, runOk } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { type Authority, startAuthority } from './certificates.ts';

/** The project's image with a real sshd and sudo. */
const image = 'forkpoint-test-ssh:pg17';
const imageText = `FROM forkpoint-cluster:pg17
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openssh-server sudo \\
 && rm -rf /var/lib/apt/lists/* \\
 && useradd -m -s /bin/bash ops && useradd -m -s /bin/bash guest \\
 && echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops && mkdir -p /run/sshd
`;

export interface SshNode {
  readonly name: string;
  readonly address: string;
}

/** A cluster that somebody else made: containers with sshd, TLS, scram, and Patroni's REST interface over https. */
export interface SshCluster extends AsyncDisposable {
  readonly nodes: readonly SshNode[];
  /** The only etcd member, as host:port. */
  readonly dcs: string;
  /** Name of the containers' network, and its subnet: for what else should be in it. */
  readonly network: { readonly name: string; readonly subnet: string };
  readonly authority: Authority;
  /** Folder of the cluster file and of its secrets. */
  readonly folder: string;
  readonly clusterFile: string;
  /** argv of a login, as a cluster file says it. */
  ssh(node: SshNode, login?: string): readonly string[];
  /** Writes another cluster file beside the first. */
  write(name: string, over: ClusterFileOver): string;
  /** As its operator: PATCH of Patroni's dynamic configuration. */
  configure(config: object): Promise<void>;
  /** Runs there by the engine, whatever sshd does. */
  inside(node: SshNode, script: string): Promise<string>;
}

export interface ClusterFileOver {
  readonly consent?: readonly string[];
  readonly shell?: (node: SshNode) => readonly string[];
  readonly top?: object;
  readonly perNode?: object;
}

const password = 'correct horse battery';
const restPassword = 'rest of the staple';
const subscribers = ['pg1', 'pg2', 'pg3'];

/** Boots it: about 15 s with the image, a minute without. */
export async function startSshCluster(): Promise<SshCluster> {
  await using cleanup = new AsyncDisposableStack();
  await buildImage();
  const id = `ssh-${process.pid}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'fp-ssh-cluster-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const authority = cleanup.use(await startAuthority());
  const labels = ownLabels(id, folder);
  const engine = openEngine();
  const network = await createNetwork(engine, `forkpoint-${id}`, labels);
  cleanup.defer(() => docker(['network', 'rm', network.name]).then(() => undefined));
  const nodes = subscribers.map((name, index) => ({
    name,
    address: `${network.subnet}.${11 + index}`,
  }));
  const container = (name: string) => `forkpoint-${id}-${name}`;
  const start = async (name: string, address: string, command: readonly string[]) => {
    await docker([
      ...['run', '-d', '--name', container(name), '--hostname', name, '--network', network.name],
      ...['--ip', address, '--cap-add', 'NET_ADMIN', '--tmpfs', '/srv/pg:size=1g,mode=1777'],
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
      ...[image, ...command],
    ]);
    cleanup.defer(() => docker(['rm', '-f', container(name)]).then(() => undefined));
  };
  const dcsAddress = `${network.subnet}.21`;
  const dcs = `${dcsAddress}:2379`;
  await start('etcd1', dcsAddress, [
    ...['/usr/bin/etcd', '--name', 'etcd1', '--data-dir', '/srv/pg/etcd', '--unsafe-no-fsync'],
    ...['--listen-client-urls', 'http://0.0.0.0:2379', '--advertise-client-urls', `http://${dcs}`],
  ]);
  for (const { name, address } of nodes) {
    await start(name, address, [
      'sh',
      '-c',
      'mkdir -p /run/sshd; /usr/sbin/sshd; exec sleep infinity',
    ]);
  }
  const inside = async ({ name }: SshNode, script: string, input?: string) => {
    const argv = ['docker', 'exec', '-i', container(name), 'bash', '-c', script];
    const done = await run(argv, { timeoutMs: 60_000, ...(input !== undefined && { input }) });
    if (done.exitCode !== 0) throw new Error(`${name}: ${script}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  await makeKeys(folder);
  await Promise.all(nodes.map((node) => furnish(node, { inside, authority, dcs, folder })));
  const ssh = ({ address }: SshNode, login = 'ops') => [
    ...['ssh', '-F', '/dev/null', '-i', path.join(folder, 'key'), '-o', 'IdentitiesOnly=yes'],
    ...[
      '-o',
      `UserKnownHostsFile=${path.join(folder, 'known_hosts')}`,
      '-o',
      'StrictHostKeyChecking=yes',
    ],
    ...[`${login}@${address}`],
  ];
  const known = await runOk(
    ['ssh-keyscan', '-t', 'ed25519', ...nodes.map(({ address }) => address)],
    (said) => new Error(said),
  );
  writeFileSync(path.join(folder, 'known_hosts'), known);
  writeFileSync(path.join(folder, 'password'), password, { mode: 0o600 });
  writeFileSync(path.join(folder, 'rest-password'), restPassword, { mode: 0o600 });
  const [first] = nodes;
  if (!first) throw new Error('no node');
  for (const node of nodes) {
    await inside(node, '/usr/local/bin/start-patroni');
    if (node === first) await untilLeader(first, inside);
  }
  await untilStreaming(first, nodes.length, inside);
  await inside(
    first,
    `psql -qU postgres -h /var/run/postgresql -v ON_ERROR_STOP=1 <<'SQL'
SET password_encryption = 'scram-sha-256';
CREATE ROLE forkpoint LOGIN PASSWORD '${password}';
GRANT pg_monitor TO forkpoint;
CREATE DATABASE app OWNER forkpoint;
SQL`,
  );
  const write = (name: string, { consent, shell, top, perNode }: ClusterFileOver) => {
    const file = path.join(folder, name);
    const said = {
      backend: 'external',
      consent: consent ?? ['network', 'process'],
      credentials: { user: 'forkpoint', database: 'app', password: { file: 'password' } },
      tls: { mode: 'verify-full', rootCert: authority.rootFile },
      patroni: {
        tls: { rootCert: authority.rootFile },
        auth: { user: 'patroni', password: { file: 'rest-password' } },
      },
      dcs: [dcs],
      nodes: Object.fromEntries(
        nodes.map((node) => [
          node.name,
          {
            host: node.address,
            patroni: `https://${node.address}:8008`,
            shell: shell ? shell(node) : [...ssh(node), 'sudo', '-n'],
            start: ['/usr/local/bin/start-patroni'],
            ...perNode,
          },
        ]),
      ),
      ...top,
    };
    writeFileSync(file, JSON.stringify(said, null, 2));
    return file;
  };
  const rest = {
    host: first.address,
    port: 8008,
    tls: { ca: authority.root },
    auth: { user: 'patroni', password: restPassword },
  };
  const kept = cleanup.move();
  return {
    nodes,
    dcs,
    network,
    authority,
    folder,
    clusterFile: write('cluster.yaml', {}),
    ssh,
    write,
    inside,
    configure: async (config) => {
      const { status, text } = await http(rest, {
        method: 'PATCH',
        path: '/config',
        body: config as never,
        timeoutMs: 10_000,
      });
      if (status !== 200) throw new Error(`PATCH /config: ${status}: ${text}`);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Inside = (node: SshNode, script: string, input?: string) => Promise<string>;

async function buildImage(): Promise<void> {
  const known = await run(['docker', 'image', 'inspect', image]);
  if (known.exitCode === 0) return;
  const argv = ['docker', 'build', '--network', 'host', '-t', image, '-'];
  const built = await run(['env', 'DOCKER_BUILDKIT=0', ...argv], {
    input: imageText,
    timeoutMs: 300_000,
  });
  if (built.exitCode !== 0) throw new Error(`docker build: ${built.stderr}${built.stdout}`);
}

function docker(argv: readonly string[]): Promise<string> {
  return runOk(['docker', ...argv], (said) => new Error(said));
}

async function makeKeys(folder: string): Promise<void> {
  const file = path.join(folder, 'key');
  await runOk(
    ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file],
    (said) => new Error(said),
  );
}

interface Furniture {
  readonly inside: Inside;
  readonly authority: Authority;
  readonly dcs: string;
  readonly folder: string;
}

/** The key of its operator, certificates, and Patroni's configuration. */
async function furnish(
  node: SshNode,
  { inside, authority, dcs, folder }: Furniture,
): Promise<void> {
  const { name, address } = node;
  const { certificate, key } = await authority.issue(name, { names: [name, address] });
  const publicKey = await runOk(['cat', path.join(folder, 'key.pub')], (said) => new Error(said));
  const put = (file: string, text: string, owner = 'postgres', mode = '0600') =>
    inside(node, `install -D -o ${owner} -m ${mode} /dev/stdin ${file}`, text);
  for (const login of ['ops', 'guest']) {
    await put(`/home/${login}/.ssh/authorized_keys`, publicKey, login);
    await inside(node, `chown -R ${login} /home/${login}/.ssh`);
  }
  await put('/etc/patroni/ca.crt', authority.root, 'postgres', '0644');
  await put('/etc/patroni/node.crt', certificate);
  await put('/etc/patroni/node.key', key);
  await put('/etc/patroni/patroni.yml', patroniConfig(name, address, dcs));
  await put('/usr/local/bin/start-patroni', startText, 'root', '0755');
}

const startText = `#!/bin/bash
# Harmless where Patroni runs already.
pgrep -x patroni >/dev/null && exit 0
export PATH=/usr/lib/postgresql/17/bin:$PATH
setsid setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql \\
  patroni /etc/patroni/patroni.yml >>/var/log/patroni.log 2>&1 </dev/null &
`;

/** JSON is YAML. */
function patroniConfig(name: string, address: string, dcs: string): string {
  const tls = { certfile: '/etc/patroni/node.crt', keyfile: '/etc/patroni/node.key' };
  return JSON.stringify({
    scope: 'staging',
    name,
    restapi: {
      listen: '0.0.0.0:8008',
      connect_address: `${address}:8008`,
      ...tls,
      authentication: { username: 'patroni', password: restPassword },
    },
    ctl: { cacert: '/etc/patroni/ca.crt' },
    etcd3: { hosts: [dcs] },
    bootstrap: {
      dcs: {
        ...{ ttl: 60, loop_wait: 5, retry_timeout: 20, maximum_lag_on_failover: 104857600 },
        postgresql: {
          use_pg_rewind: true,
          parameters: {
            ...{ max_connections: 100, wal_log_hints: 'on', wal_sender_timeout: '5s' },
            ...{ wal_receiver_timeout: '5s', wal_retrieve_retry_interval: '200ms' },
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
        ...{ ssl: 'on', ssl_cert_file: tls.certfile, ssl_key_file: tls.keyfile },
      },
      pg_hba: [
        'local all all trust',
        'hostssl replication replicator all scram-sha-256',
        'hostssl all all all scram-sha-256',
      ],
    },
  });
}

async function untilLeader(node: SshNode, inside: Inside): Promise<void> {
  const isPrimary = async () =>
    (
      await inside(
        node,
        `psql -XAtU postgres -h /var/run/postgresql -c 'SELECT pg_is_in_recovery()'`,
      )
    ).trim() === 'f';
  await waitUntil(`${node.name} is primary`, isPrimary, { timeoutMs: 60_000, everyMs: 200 });
}

async function untilStreaming(node: SshNode, nodes: number, inside: Inside): Promise<void> {
  const question = `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`;
  const isSo = async () =>
    (await inside(node, `psql -XAtU postgres -h /var/run/postgresql -c "${question}"`)).trim() ===
    String(nodes - 1);
  await waitUntil(`${nodes - 1} replicas stream`, isSo, { timeoutMs: 60_000, everyMs: 200 });
}
