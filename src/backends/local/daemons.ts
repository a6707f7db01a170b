import { writeFile } from 'node:fs/promises';
import { EnvironmentError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { clockEnvironment } from './clock-file.ts';
import { dataFolder, walFolder } from './disks.ts';
import { enter, hostPath, labPath, socketFolder } from './enter.ts';
import { type Place, ports } from '../../machine/layout.ts';
import { labFolder, network } from './layout.ts';
import { nameServerOptions } from './names.ts';
import type { LabProxy } from './lab-proxy.ts';
import type { LabRecord } from './record.ts';
import { ownModule } from '../../std/own-module.ts';
import type { WatchdogOptions } from './watchdog-device.ts';

/** Set in a daemon's environment and so in its children's, to distinguish them from commands run by hand in a lab. */
export const roleVariable = 'FORKPOINT_ROLE';
export type Role = 'patroni' | 'etcd' | 'raft' | 'relay' | 'names' | 'proxy' | 'sink' | 'watchdog';

const startTimeoutMs = 10_000;
// etcd's defaults are for disks and wide networks; with these an election takes half a second instead of two.
const heartbeatMs = 100;
const electionMs = 500;

interface Daemon {
  readonly role: Role;
  readonly place: string;
  readonly namespace?: string;
  /** File for standard output and error; in the node's folder. */
  readonly log: string;
  readonly argv: readonly string[];
  /** Runs as an account other than root: PostgreSQL requires it. */
  readonly isService: boolean;
  readonly environment?: readonly string[];
}

export async function startPatroni(record: LabRecord, node: string): Promise<void> {
  await startDaemon(record, patroniOf(record, node));
}

function patroniOf(record: LabRecord, node: string): Daemon {
  return {
    // Patroni has a log file of its own, so this file has PostgreSQL's output.
    role: 'patroni',
    place: node,
    namespace: node,
    log: 'postgres.log',
    isService: true,
    argv: [record.tools.patroni.path, `${labFolder}/${node}/patroni.yml`],
    ...(record.needs.includes('clock') && { environment: clockEnvironment(node) }),
  };
}

/** A machine that is reset is back after so long. */
const bootMs = 20_000;

/** The pipe that a member's Patroni has for a watchdog. */
export function watchdogPipe(node: string): string {
  return `${labFolder}/${node}/watchdog`;
}

/** Before Patroni, which opens the pipe. */
export async function startWatchdog(record: LabRecord, node: string): Promise<void> {
  const pipe = watchdogPipe(node);
  await runOk(
    [...enter(record), 'mkfifo', '-m', '666', pipe],
    (message) => new EnvironmentError(`cannot make the watchdog of ${node}: ${message}`),
    { timeoutMs: startTimeoutMs },
  );
  const options: WatchdogOptions = {
    node,
    pipe,
    bootMs,
    start: daemonCommand(record, patroniOf(record, node)),
  };
  const program = ownModule('./watchdog-device', import.meta.url).pathname;
  await startDaemon(record, {
    role: 'watchdog',
    place: node,
    namespace: node,
    log: 'watchdog.log',
    isService: false,
    argv: [process.execPath, program, JSON.stringify(options)],
  });
}

export async function startEtcd(record: LabRecord, place: Place): Promise<void> {
  const url = (address: string, port: number) => `http://${address}:${port}`;
  const own = url(place.address, ports.dcs);
  const ownPeer = url(place.address, ports.dcsPeer);
  const all = record.layout.dcs.map((p) => `${p.name}=${url(p.address, ports.dcsPeer)}`);
  const argv = [
    ...[record.tools.etcd.path, '--name', place.name],
    ...['--data-dir', `${labFolder}/${place.name}/etcd`],
    ...['--listen-client-urls', own, '--advertise-client-urls', own],
    ...['--listen-peer-urls', ownPeer, '--initial-advertise-peer-urls', ownPeer],
    ...['--initial-cluster', all.join(','), '--initial-cluster-state', 'new'],
    ...['--initial-cluster-token', record.id],
    ...[
      '--heartbeat-interval',
      `${heartbeatMs}`,
      '--election-timeout',
      `${patienceMs(record, place)}`,
    ],
  ];
  const { name } = place;
  await startDaemon(record, {
    role: 'etcd',
    place: name,
    namespace: name,
    log: 'etcd.log',
    argv,
    isService: true,
  });
}

/** One member of Patroni's raft, which is a process of its own as one of etcd is. */
export async function startRaft(
  record: LabRecord,
  { name, address }: Place,
  program: string,
): Promise<void> {
  const file = `${labFolder}/${name}/raft.yml`;
  const own = raftAddress(address);
  const others = record.layout.dcs.map((place) => raftAddress(place.address));
  const raft = {
    self_addr: own,
    partner_addrs: others.filter((other) => other !== own),
    data_dir: `${labFolder}/${name}/raft`,
  };
  await writeFile(hostPath(record, file), JSON.stringify({ raft }));
  await startDaemon(record, {
    role: 'raft',
    place: name,
    namespace: name,
    log: 'raft.log',
    argv: [program, file],
    isService: true,
  });
}

/** As members and Patroni reach it. */
export function raftAddress(address: string): string {
  return `${address}:${ports.dcs}`;
}

/**
 * Twice as long beside the first leader, so that another etcd member leads: otherwise one run in three would lose the DCS
 * for a second together with the isolated leader, and runs would not be repeatable.
 */
function patienceMs(record: LabRecord, place: Place): number {
  return place.name === record.layout.nodes[0]?.name ? 2 * electionMs : electionMs;
}

export function proxyConfigFile(place: string): string {
  return `${labFolder}/${place}/proxy.cfg`;
}

/** HAProxy or PgBouncer, in the foreground: its output is its log. */
export async function startProxy(
  record: LabRecord,
  { kind, place, program }: Pick<LabProxy, 'kind' | 'place' | 'program'>,
): Promise<void> {
  const file = proxyConfigFile(place);
  await startDaemon(record, {
    role: 'proxy',
    place,
    namespace: place,
    log: `${kind}.log`,
    isService: true,
    argv: kind === 'haproxy' ? [program, '-db', '-f', file] : [program, file],
  });
}

/** Makes the data directory the first time; then it is the server that was killed. */
const sinkScript = `
if [ ! -d "$4" ]; then
  "$1/initdb" -D "$4.made" -X "$5" -U postgres --no-sync --locale=C -E UTF8 --auth=trust >initdb.log || exit 1
  echo "host all all $2 trust" >>"$4.made/pg_hba.conf"
  mv "$4.made" "$4"
fi
exec "$1/postgres" -D "$4" -c listen_addresses='*' -c unix_socket_directories="$3" -c shared_buffers=16MB`;

/** A PostgreSQL of its own, for what consumers read from the cluster. */
export async function startSinkServer(record: LabRecord, { name }: Place): Promise<void> {
  await startDaemon(record, {
    role: 'sink',
    place: name,
    namespace: name,
    log: 'postgres.log',
    isService: true,
    argv: [
      ...['sh', '-c', sinkScript, 'sh', record.tools.postgres.path, network, socketFolder(name)],
      ...[dataFolder(name), walFolder(name)],
    ],
  });
}

/** The harness's access to Patroni's and etcd's ports: see relay.ts. */
export async function startRelay(record: LabRecord): Promise<void> {
  const { nodes, dcs } = record.layout;
  const lines = [
    ...nodes.map((place) => relayLine(place, 'patroni')),
    ...dcs.map((place) => relayLine(place, 'dcs')),
  ];
  const program = ownModule('./relay', import.meta.url).pathname;
  await startDaemon(record, {
    role: 'relay',
    place: 'relay',
    log: 'relay.log',
    isService: false,
    argv: [process.execPath, program, JSON.stringify(lines)],
  });
}

/** The DNS of a lab whose faults need one. On the bridge's own address: no packet rule cuts it off. */
export async function startNameServer(record: LabRecord): Promise<void> {
  const program = ownModule('./name-server', import.meta.url).pathname;
  await startDaemon(record, {
    role: 'names',
    place: 'names',
    log: 'names.log',
    isService: false,
    argv: [process.execPath, program, JSON.stringify(nameServerOptions(record))],
  });
}

export function relaySocket(place: string, service: 'patroni' | 'dcs'): string {
  return `${labFolder}/relay/${place}.${service}`;
}

function relayLine(place: Place, service: 'patroni' | 'dcs') {
  return {
    socket: relaySocket(place.name, service),
    host: place.address,
    port: ports[service],
  };
}

async function startDaemon(record: LabRecord, daemon: Daemon): Promise<void> {
  await runOk(
    [...enter(record, daemon.namespace), ...daemonCommand(record, daemon)],
    (message) => new EnvironmentError(`cannot start ${daemon.role} of ${daemon.place}: ${message}`),
    { timeoutMs: startTimeoutMs },
  );
}

/** setsid --fork: it becomes a child of the lab's PID 1, and leaves nothing on the host's side. */
function daemonCommand(record: LabRecord, daemon: Daemon): readonly string[] {
  const folder = `${labFolder}/${daemon.place}`;
  const environment = [
    ...[`PATH=${labPath(record)}`, `HOME=${folder}`, `TMPDIR=${labFolder}`, 'TZ=UTC'],
    ...['LC_ALL=C.UTF-8', `${roleVariable}=${daemon.role}`],
    ...(daemon.environment ?? []),
  ];
  const account = daemon.isService ? serviceAccount(record.isRootless) : [];
  return [
    ...['sh', '-c', 'cd "$1" && shift && log=$1 && shift && exec "$@" >>"$log" 2>&1 </dev/null'],
    ...['sh', folder, daemon.log, 'setsid', '--fork', ...account],
    ...['env', '-i', ...environment, ...daemon.argv],
  ];
}

/** An ordinary user is root in the lab, so PostgreSQL needs one more user namespace for an account other than root. */
export function serviceAccount(isRootless: boolean): readonly string[] {
  return isRootless
    ? ['unshare', '-U', '--map-user=1000', '--map-group=1000', '--']
    : ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
}
