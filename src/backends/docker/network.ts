import { networkInterfaces } from 'node:os';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { ask, engineError, type Engine } from '../../shells/docker/engine.ts';
import type { Labels } from './labels.ts';

const tries = 20;

export interface ClusterNetwork {
  readonly id: string;
  readonly name: string;
  /** First three bytes: `10.213.7`. The gateway, which is this host, is its .1. */
  readonly subnet: string;
}

/**
 * A bridge of the run's own, in a range that no network of the engine and no interface of this host uses.
 * Errors: EnvironmentError.
 */
export async function createNetwork(
  engine: Engine,
  name: string,
  labels: Labels,
): Promise<ClusterNetwork> {
  // 255 clusters at once; .0 is left to manual use of the compose file.
  const prefix = process.env.FORKPOINT_DOCKER_PREFIX ?? '10.213';
  if (!/^\d{1,3}\.\d{1,3}$/.test(prefix)) {
    throw new EnvironmentError(
      `FORKPOINT_DOCKER_PREFIX=${prefix}: needs the first two bytes of a range, such as 10.99`,
    );
  }
  const existing = await ask('list networks', () => engine.listNetworks());
  const taken = [
    ...existing.flatMap(({ IPAM }) => (IPAM?.Config ?? []).map((range) => range.Subnet ?? '')),
    ...Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map((one) => one.cidr ?? ''),
    ),
  ];
  const free = subnetsFrom(prefix, process.pid).filter(
    (subnet) => !taken.some((cidr) => overlaps(subnet, cidr)),
  );
  for (const subnet of free.slice(0, tries)) {
    const id = await tryCreate(engine, name, subnet, labels);
    if (id !== undefined) return { id, name, subnet };
  }
  throw new EnvironmentError(
    `no free /24 in ${prefix}.0.0/16 for a cluster's network. Remove networks (docker network prune), or name ` +
      'the first two bytes of another range with FORKPOINT_DOCKER_PREFIX (10.99).',
  );
}

/** Undefined: another run took this range a moment ago. */
async function tryCreate(
  engine: Engine,
  name: string,
  subnet: string,
  labels: Labels,
): Promise<string | undefined> {
  try {
    const network = await engine.createNetwork({
      Name: name,
      Driver: 'bridge',
      Labels: { ...labels },
      IPAM: { Driver: 'default', Config: [{ Subnet: `${subnet}.0/24`, Gateway: `${subnet}.1` }] },
    });
    return network.id;
  } catch (error) {
    if (/overlap|already in use|conflicts with network/i.test(messageOf(error))) return undefined;
    throw engineError(`create network ${name} (${subnet}.0/24)`, error);
  }
}

/** Every process starts at another range, so that clusters that boot together rarely conflict. */
function subnetsFrom(prefix: string, start: number): readonly string[] {
  return Array.from({ length: 255 }, (_, index) => `${prefix}.${1 + ((start + index) % 255)}`);
}

export function overlaps(subnet: string, cidr: string): boolean {
  const [address = '', bits = '32'] = cidr.split('/');
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false;
  const shared = Math.min(24, Number(bits));
  const mask = shared === 0 ? 0 : (-1 << (32 - shared)) >>> 0;
  return (numberOf(`${subnet}.0`) & mask) >>> 0 === (numberOf(address) & mask) >>> 0;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
