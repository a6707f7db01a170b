import type { Cluster, ClusterBackend } from '../contracts/cluster.ts';
import { bootLab } from './local/boot.ts';
import { clusterOf } from './local/cluster.ts';
import { guardLab } from './local/guard.ts';
import { installMissing } from './local/install.ts';
import { labParameters } from '../patroni/dynamic-config.ts';
import { siteNames } from '../machine/layout.ts';
import { preflight } from './local/preflight.ts';
import { isLive, type LabRecord, liveLabs, requireLive } from './local/record.ts';
import { labCommand, psqlCommand } from './local/enter.ts';

/** A lab of another process's outlives this one, and so would the harm done to it. */
function attachTo(record: LabRecord): Cluster {
  const cluster = clusterOf(record, () => Promise.resolve());
  return { ...cluster, guard: (owner) => guardLab(record, owner) };
}

const backend: ClusterBackend = {
  summary:
    'Plain processes in namespaces of their own on this host, as root or as an ordinary user.',
  offers: [
    'shell',
    ...([
      'process',
      'network',
      'shaping',
      'files',
      'disk',
      'clock',
      'sql',
      'patroni',
      'dcs',
    ] as const),
    // Loop devices are root's.
    ...(process.getuid?.() === 0 ? (['power'] as const) : []),
  ],
  topologies: ['patroni'],
  sites: siteNames,
  parameters: () => labParameters,
  preflight,
  install: installMissing,
  boot: bootLab,
  live: async () =>
    (await liveLabs()).map((record) => ({
      id: record.id,
      backend: record.backend,
      record,
      enter: (node, argv) => labCommand(record, node, argv),
      psql: (node) => psqlCommand(record, node),
    })),
  attach: (raw) => Promise.resolve(attachTo(requireLive(raw))),
  isUp: (raw) => Promise.resolve(isLive(raw)),
};

export default backend;
