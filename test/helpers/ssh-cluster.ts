import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownLabels } from '../../src/backends/docker/labels.ts';
import { createNetwork } from '../../src/backends/docker/network.ts';
import { http } from '../../src/patroni/http.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { run, runOk } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { type Authority, startAuthority } from './certificates.ts';
import { authorized, failed, makeKey, placeFiles, sshImage } from './ssh-machines.ts';
import { ask, patroniFiles, restPassword, startNodes, startPatroni } from './ssh-patroni.ts';
import { entryPorts, startHaproxy, startPgbouncers } from './ssh-proxies.ts';

export interface SshNode {
  readonly name: string;
  readonly address: string;
}

/**
 * A cluster that somebody else made: containers with sshd, TLS, scram, and Patroni's REST interface over https, a PgBouncer
 * on every node, and an HAProxy on a machine of its own.
 */
export interface SshCluster extends AsyncDisposable {
  readonly nodes: readonly SshNode[];
  /** The machine of HAProxy. */
  readonly proxy: SshNode;
  /** The only etcd member, as host:port. */
  readonly dcs: string;
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
const machineRights = [
  ...['--cap-add', 'SYS_ADMIN', '--cap-add', 'SYS_PTRACE'],
  ...['--security-opt', 'apparmor=unconfined'],
];

/** Boots it: about 20 s with the image, a minute without. `isMachine`: root may mount there, and see what program a process runs, as on a machine and in few containers. */
export async function startSshCluster({ isMachine = false } = {}): Promise<SshCluster> {
  await using cleanup = new AsyncDisposableStack();
  const image = await sshImage();
  const id = `ssh-${process.pid}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'fp-ssh-cluster-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const authority = cleanup.use(await startAuthority());
  const labels = ownLabels(id, folder);
  const network = await createNetwork(openEngine(), `forkpoint-${id}`, labels);
  cleanup.defer(() => docker(['network', 'rm', network.name]).then(() => undefined));
  const at = (name: string, last: number) => ({ name, address: `${network.subnet}.${last}` });
  const nodes = [at('pg1', 11), at('pg2', 12), at('pg3', 13)];
  const proxy = at('lb1', 31);
  const machines = [...nodes, proxy];
  const container = (name: string) => `forkpoint-${id}-${name}`;
  const start = async ({ name, address }: SshNode, command: readonly string[]) => {
    cleanup.defer(() => docker(['rm', '-f', container(name)]).then(() => undefined));
    await docker([
      ...['run', '-d', '--name', container(name), '--hostname', name, '--network', network.name],
      ...['--ip', address, '--cap-add', 'NET_ADMIN', '--tmpfs', '/srv/pg:size=1g,mode=1777'],
      ...(isMachine ? machineRights : []),
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
      ...[image, ...command],
    ]);
  };
  const etcd = at('etcd1', 21);
  const dcs = `${etcd.address}:2379`;
  const sshd = ['sh', '-c', 'mkdir -p /run/sshd; /usr/sbin/sshd; exec sleep infinity'];
  await Promise.all([
    start(etcd, [
      ...['/usr/bin/etcd', '--name', 'etcd1', '--data-dir', '/srv/pg/etcd', '--unsafe-no-fsync'],
      ...[
        '--listen-client-urls',
        'http://0.0.0.0:2379',
        '--advertise-client-urls',
        `http://${dcs}`,
      ],
    ]),
    ...machines.map((machine) => start(machine, sshd)),
  ]);
  const inside = async (name: string, script: string, input?: string) => {
    const argv = ['docker', 'exec', '-i', container(name), 'bash', '-c', script];
    const done = await run(argv, { timeoutMs: 60_000, ...(input !== undefined && { input }) });
    if (done.exitCode !== 0) throw new Error(`${name}: ${script}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  const login = authorized(await makeKey(path.join(folder, 'key')));
  await Promise.all([
    placeFiles(proxy.name, login, inside),
    ...nodes.map(async (node) => {
      // Clients see this certificate by way of the proxy, too, under its name.
      const names = [node, proxy].flatMap(({ name, address }) => [name, address]);
      const own = await authority.issue(node.name, { names });
      const files = patroniFiles(node, own, { root: authority.root, dcs });
      await placeFiles(node.name, [...login, ...files], inside);
    }),
  ]);
  writeFileSync(path.join(folder, 'known_hosts'), await hostKeysOf(machines));
  writeFileSync(path.join(folder, 'password'), password, { mode: 0o600 });
  writeFileSync(path.join(folder, 'rest-password'), restPassword, { mode: 0o600 });
  const leader = await startNodes(nodes, inside);
  const user = 'forkpoint';
  await ask(leader, setupText(user), inside);
  await Promise.all([
    startPgbouncers(nodes, { user, inside }),
    startHaproxy(proxy.name, nodes, { root: authority.root, inside }),
  ]);
  const write = writerOf({ folder, authority, dcs, nodes, proxy });
  const kept = cleanup.move();
  return {
    nodes,
    proxy,
    dcs,
    authority,
    folder,
    clusterFile: write('cluster.yaml', {}),
    ssh: (node, as) => sshTo(folder, node, as),
    write,
    inside: ({ name }, script) => inside(name, script),
    configure: (config) => configure({ host: nodes[0]?.address ?? '', ca: authority.root }, config),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Lines of known_hosts, when every sshd has given its key. */
async function hostKeysOf(machines: readonly SshNode[]): Promise<string> {
  const addresses = machines.map(({ address }) => address);
  const scan = async () => {
    const { stdout } = await run(['ssh-keyscan', '-T', '30', '-t', 'ed25519', ...addresses]);
    return addresses.every((address) => stdout.includes(`${address} `)) ? stdout : undefined;
  };
  return waitUntil('every sshd gives its key', scan, { timeoutMs: 120_000, everyMs: 500 });
}

function sshTo(folder: string, { address }: SshNode, login = 'ops'): readonly string[] {
  return [
    ...['ssh', '-F', '/dev/null', '-i', path.join(folder, 'key'), '-o', 'IdentitiesOnly=yes'],
    ...['-o', `UserKnownHostsFile=${path.join(folder, 'known_hosts')}`],
    ...['-o', 'StrictHostKeyChecking=yes', `${login}@${address}`],
  ];
}

function writerOf({
  folder,
  authority,
  dcs,
  nodes,
  proxy,
}: Pick<SshCluster, 'folder' | 'authority' | 'dcs' | 'nodes' | 'proxy'>): SshCluster['write'] {
  const asRoot = (node: SshNode) => [...sshTo(folder, node), 'sudo', '-n'];
  return (name, { consent, shell = asRoot, top, perNode }) => {
    const file = path.join(folder, name);
    const rest = { rootCert: authority.rootFile };
    const said = {
      backend: 'external',
      consent: consent ?? ['network', 'process'],
      credentials: { user: 'forkpoint', database: 'app', password: { file: 'password' } },
      tls: { mode: 'verify-full', rootCert: authority.rootFile },
      patroni: { tls: rest, auth: { user: 'patroni', password: { file: 'rest-password' } } },
      dcs: [dcs],
      routes: {
        haproxy: { host: proxy.address, port: entryPorts.direct },
        pooled: { host: proxy.address, port: entryPorts.pooled },
      },
      proxies: { [proxy.name]: { host: proxy.address, shell: asRoot(proxy) } },
      nodes: Object.fromEntries(
        nodes.map((node) => [
          node.name,
          {
            host: node.address,
            patroni: `https://${node.address}:8008`,
            shell: shell(node),
            start: [startPatroni],
            ...perNode,
          },
        ]),
      ),
      ...top,
    };
    writeFileSync(file, JSON.stringify(said, null, 2));
    return file;
  };
}

async function configure(
  { host, ca }: { readonly host: string; readonly ca: string },
  config: object,
): Promise<void> {
  const auth = { user: 'patroni', password: restPassword };
  const asked = {
    method: 'PATCH',
    path: '/config',
    body: config as never,
    timeoutMs: 10_000,
  } as const;
  const { status, text } = await http({ host, port: 8008, tls: { ca }, auth }, asked);
  if (status !== 200) throw new Error(`PATCH /config: ${status}: ${text}`);
}

/** With the rights that the causes of a loss are found by. */
const setupText = (user: string) => `SET password_encryption = 'scram-sha-256';
CREATE ROLE ${user} LOGIN PASSWORD '${password}';
GRANT pg_monitor, pg_read_server_files TO ${user};
CREATE DATABASE app OWNER ${user};
\\c app
GRANT EXECUTE ON FUNCTION pg_read_file(text), pg_read_binary_file(text, bigint, bigint, boolean) TO ${user};
`;

function docker(argv: readonly string[]): Promise<string> {
  return runOk(['docker', ...argv], failed);
}
