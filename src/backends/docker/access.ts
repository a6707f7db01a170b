import { readFileSync } from 'node:fs';
import type { Endpoint, ExecResult } from '../../contracts/cluster.ts';
import { HarnessBug } from '../../std/errors.ts';
import { run } from '../../std/exec.ts';
import type { HttpTarget } from '../../patroni/http.ts';
import { ports } from '../../machine/layout.ts';
import { holdCommand, type HeldCommand } from '../../machine/held-command.ts';
import { type Box, execIn } from './containers.ts';
import { holdExec } from './held-exec.ts';
import { observerPort, socketFolder } from './layout.ts';

/**
 * How the harness gets into containers. `namespaces`: as root on the engine's own Linux host, through /proc and
 * nsenter. `engine`: through the engine's API and published ports, which works for everybody everywhere.
 */
export type AccessKind = 'namespaces' | 'engine';

export interface Access {
  readonly kind: AccessKind;
  /** What has to be published on 127.0.0.1. */
  readonly publish: { readonly member: readonly number[]; readonly dcs: readonly number[] };
  /** As root, in the container's network and file system. */
  inside(box: Box, argv: readonly string[], signal?: AbortSignal): Promise<ExecResult>;
  /** The same, as a command whose standard input we hold. */
  hold(box: Box, argv: readonly string[]): Promise<HeldCommand>;
  /** Whatever the network does. */
  observer(box: Box): Endpoint;
  /** As the load's clients reach it. */
  endpoint(box: Box): Endpoint;
  /** As the harness reaches an HTTP service. */
  http(box: Box, port: number): HttpTarget;
  clientPrefix(box: Box): readonly string[];
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const entry = ({ pid }: Box): readonly string[] => [
  ...['nsenter', '-t', String(pid), '-m', '-n', '-p', '--', 'env', path],
];

const namespaces: Access = {
  kind: 'namespaces',
  publish: { member: [], dcs: [] },
  inside: (box, argv, signal) => run([...entry(box), ...argv], { signal }),
  hold: (box, argv) => Promise.resolve(holdCommand([...entry(box), ...argv])),
  observer: ({ pid }) => ({ host: `/proc/${pid}/root${socketFolder}`, port: ports.postgres }),
  endpoint: ({ address }) => ({ host: address, port: ports.postgres }),
  // From the network's gateway: once the network is gone this host sends nothing to an address that another may have.
  http: ({ address }, port) => ({ host: address, port, localAddress: gatewayOf(address) }),
  clientPrefix: ({ pid }) => ['nsenter', '-t', String(pid), '-n', '--'],
};

const engine: Access = {
  kind: 'engine',
  publish: { member: [ports.postgres, observerPort, ports.patroni], dcs: [ports.dcs] },
  inside: (box, argv, signal) => execIn(box, argv, { signal }),
  hold: holdExec,
  observer: (box) => ({ host: '127.0.0.1', port: published(box, observerPort) }),
  endpoint: (box) => ({ host: '127.0.0.1', port: published(box, ports.postgres) }),
  http: (box, port) => ({ host: '127.0.0.1', port: published(box, port) }),
  clientPrefix: () => [],
};

export const accesses: Readonly<Record<AccessKind, Access>> = { namespaces, engine };

/**
 * What this process may try before there is a container to look at. FORKPOINT_DOCKER_ACCESS=engine asks for the way of
 * those who are not root.
 */
export function wantedAccess(): AccessKind {
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  const isLocalEngine = !/^(tcp|ssh|https?):/.test(process.env.DOCKER_HOST ?? '');
  const isForbidden = process.env.FORKPOINT_DOCKER_ACCESS === 'engine';
  return isRootOnLinux && isLocalEngine && !isForbidden ? 'namespaces' : 'engine';
}

/** False where the engine's process numbers are not this host's: an engine in a virtual machine, or rootless. */
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
