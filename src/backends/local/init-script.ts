import type { Layout } from '../../machine/layout.ts';
import { type Disks, makeDisks } from './disks.ts';
import { allPlaces, labFolder, observerAddress } from './layout.ts';
import { resolverOfLab } from './resolver.ts';

export { labFolder } from './layout.ts';

/**
 * The shell script that is PID 1 of a lab. It builds the network, prints `ready`, and then waits for the end of its
 * standard input, which comes when the harness dies. Until then it reaps the orphaned processes of daemons.
 */
export function initScript({
  layout,
  disks,
  hasNames,
}: {
  readonly layout: Layout;
  readonly disks: Disks;
  readonly hasNames: boolean;
}): string {
  return [
    'set -eu',
    'mount -t tmpfs -o mode=755 tmpfs /run',
    `mkdir -p /run/netns ${labFolder}`,
    `mount -t tmpfs -o size=75%,mode=755 tmpfs ${labFolder}`,
    // PostgreSQL's shared memory has files here; after a SIGKILL they would stay on the host.
    'mount -t tmpfs tmpfs /dev/shm',
    `mkdir ${labFolder}/relay`,
    ...(hasNames ? resolverOfLab() : []),
    ...folders(layout),
    ...layout.nodes.flatMap(({ name }) => makeDisks(name, disks)),
    // Of memory: no power cut meets it.
    ...(layout.sinks ?? []).flatMap(({ name }) => makeDisks(name, { ...disks, kind: 'memory' })),
    batch([
      'link set lo up',
      'link add br0 type bridge forward_delay 0',
      `addr add ${observerAddress}/24 dev br0`,
      'link set br0 up',
    ]),
    ...allPlaces(layout).flatMap(({ name, address }) => [
      `ip netns add ${name}`,
      batch([
        `link add v${name} type veth peer name eth0 netns ${name}`,
        `link set v${name} master br0 up`,
      ]),
      batch(['link set lo up', `addr add ${address}/24 dev eth0`, 'link set eth0 up'], name),
    ]),
    ...layout.nodes.map(({ name }) => baseRules(name)),
    'echo ready',
    'cat >/dev/null',
  ].join('\n');
}

/** One folder per namespace with daemons, open to the account they run as. */
function folders(layout: Layout): readonly string[] {
  const names = allPlaces(layout).map(({ name }) => `${labFolder}/${name}`);
  return [`mkdir -m 777 ${names.join(' ')}`];
}

/** Connections that no fault can block: a node's to itself and the harness's. Faults' own chains come after. */
function baseRules(name: string): string {
  const rules = [
    '*filter',
    '-A INPUT -i lo -j ACCEPT',
    `-A INPUT -s ${observerAddress} -j ACCEPT`,
    '-A OUTPUT -o lo -j ACCEPT',
    `-A OUTPUT -d ${observerAddress} -j ACCEPT`,
    'COMMIT',
  ];
  return here(`nsenter --net=/run/netns/${name} iptables-restore --noflush`, rules);
}

function batch(lines: readonly string[], namespace?: string): string {
  return here(`ip ${namespace === undefined ? '' : `-n ${namespace} `}-batch -`, lines);
}

function here(command: string, lines: readonly string[]): string {
  return `${command} <<'END'\n${lines.join('\n')}\nEND`;
}
