import { readFileSync } from 'node:fs';
import type { Endpoint } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import { HarnessBug } from '../../std/errors.ts';
import type { HttpTarget } from '../../patroni/http.ts';
import { ports } from '../../machine/layout.ts';
import { engineShell } from '../../shells/docker/engine-shell.ts';
import { localShell } from '../../shells/local.ts';
import { commandShell } from '../../shells/support/command-shell.ts';
import type { Box } from './containers.ts';
import { observerPort, socketFolder } from './layout.ts';

/**
 * How the harness reaches containers. `namespaces`: as root on the engine's own Linux host, through /proc and nsenter.
 * `engine`: through the engine's API and published ports, which works for every user on every system.
 */
export type AccessKind = 'namespaces' | 'engine';

export interface Access {
  readonly kind: AccessKind;
  /** Ports to publish on 127.0.0.1. */
  readonly publish: Readonly<Record<'member' | 'dcs' | 'sink', readonly number[]>>;
  /** Runs commands as root, in the container's network and file system. */
  shell(box: Box): Shell;
  /** Works whatever the network does. */
  observer(box: Box): Endpoint;
  /** As the load's clients reach it. */
  endpoint(box: Box): Endpoint;
  /** A port of a proxy, as the load's clients reach it. */
  entry(box: Box, port: number): Endpoint;
  /** As the harness reaches an HTTP service. */
  http(box: Box, port: number): HttpTarget;
  /** For load workers: this host's programs, in the container's network if possible. */
  clientShell(box: Box): Shell;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const entry = ({ pid }: Box): readonly string[] => [
  ...['nsenter', '-t', String(pid), '-m', '-n', '-p', '--', 'env', path],
];

const namespaces: Access = {
  kind: 'namespaces',
  publish: { member: [], dcs: [], sink: [] },
  shell: (box) => commandShell(box.name, entry(box)),
  observer: ({ pid }) => ({ host: `/proc/${pid}/root${socketFolder}`, port: ports.postgres }),
  endpoint: ({ address }) => ({ host: address, port: ports.postgres }),
  entry: ({ address }, port) => ({ host: address, port }),
  // From the network's gateway: once the network is gone, this host sends nothing to an address that another may have.
  http: ({ address }, port) => ({ host: address, port, localAddress: gatewayOf(address) }),
  clientShell: ({ name, pid }) => commandShell(name, ['nsenter', '-t', String(pid), '-n', '--']),
};

const engine: Access = {
  kind: 'engine',
  publish: {
    member: [ports.postgres, observerPort, ports.patroni],
    dcs: [ports.dcs],
    sink: [ports.postgres, observerPort],
  },
  shell: ({ name, container }) => engineShell(name, container),
  observer: (box) => ({ host: '127.0.0.1', port: published(box, observerPort) }),
  endpoint: (box) => ({ host: '127.0.0.1', port: published(box, ports.postgres) }),
  entry: (box, port) => ({ host: '127.0.0.1', port: published(box, port) }),
  http: (box, port) => ({ host: '127.0.0.1', port: published(box, port) }),
  clientShell: () => localShell,
};

export const accesses: Readonly<Record<AccessKind, Access>> = { namespaces, engine };

/**
 * The access that this process may try before any container exists. FORKPOINT_DOCKER_ACCESS=engine forces the access of
 * users other than root.
 */
export function wantedAccess(): AccessKind {
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  const isLocalEngine = !/^(tcp|ssh|https?):/.test(process.env.DOCKER_HOST ?? '');
  const isForbidden = process.env.FORKPOINT_DOCKER_ACCESS === 'engine';
  return isRootOnLinux && isLocalEngine && !isForbidden ? 'namespaces' : 'engine';
}

/** False if the engine's process ids are not this host's: an engine in a virtual machine, or rootless. */
export function canEnter({ pid, name }: Box): boolean {
  try {
    return readFileSync(`/proc/${pid}/root/etc/hostname`, 'utf8').trim() === name;
  } catch {
    return false;
  }
}

function published({ name, ports: mapped }: Box, port: number): number {
  const found = mapped.get(port);
  if (found === undefined) throw new HarnessBug(`${name}: port ${port} is not published`);
  return found;
}

/** This host's own address in a container's network. */
function gatewayOf(address: string): string {
  return address.replace(/\d+$/, '1');
}
