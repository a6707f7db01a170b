import type { ClusterBackend } from '../contracts/cluster.ts';
import { bootLab } from './local/boot.ts';
import { clusterOf } from './local/cluster.ts';
import { installMissing } from './local/install.ts';
import { siteNames } from './shared/layout.ts';
import { preflight } from './local/preflight.ts';
import { liveLabs, requireLive } from './local/record.ts';
import { labCommand, psqlCommand } from './local/enter.ts';

const backend: ClusterBackend = {
  summary:
    'Plain processes in namespaces of their own on this host, as root or as an ordinary user.',
  offers: ['process', 'network', 'files', 'sql', 'patroni'],
  topologies: ['patroni'],
  sites: siteNames,
  preflight,
  install: installMissing,
  boot: bootLab,
  live: async () =>
    (await liveLabs()).map((record) => ({
      ...{ id: record.id, backend: record.backend },
      enter: (node, argv) => labCommand(record, node, argv),
      psql: (node) => psqlCommand(record, node),
    })),
  attach: (record) => Promise.resolve(clusterOf(requireLive(record), () => Promise.resolve())),
};

export default backend;
