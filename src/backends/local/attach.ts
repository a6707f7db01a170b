import type { LiveCluster } from '../../contracts/backend.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { clusterOf } from './cluster.ts';
import { labCommand, psqlCommand } from './enter.ts';
import { guardLab } from './guard.ts';
import { isLive, liveLabs, requireLive } from './record.ts';

/** A lab that another process holds outlives this one, and so would its faults: timers guard it. */
export function attachCluster(raw: unknown): Cluster {
  const record = requireLive(raw);
  const cluster = clusterOf(record, () => Promise.resolve());
  return { ...cluster, guard: (owner) => guardLab(record, owner) };
}

export function isUp(raw: unknown): boolean {
  return isLive(raw);
}

export async function liveClusters(): Promise<readonly LiveCluster[]> {
  return (await liveLabs()).map((record) => ({
    id: record.id,
    backend: record.backend,
    record,
    enter: (node, argv) => labCommand(record, node, argv),
    psql: (node) => psqlCommand(record, node),
  }));
}
