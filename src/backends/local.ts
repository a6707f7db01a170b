import type { ClusterBackend } from '../contracts/backend.ts';
import { labParameters } from '../patroni/dynamic-config.ts';
import { siteNames } from '../machine/layout.ts';
import { proxiesOf } from '../routes/proxies.ts';
import { layOut, nodeNames } from './local/layout.ts';
import { localParams } from './local/params.ts';

const limits =
  "its nodes are processes of this host's and share its cores and memory; use --backend docker";

// The code that boots and controls a lab is loaded with the first lab: planning a scenario does not need it.
const backend: ClusterBackend = {
  summary:
    'Plain processes in namespaces of their own on this host, as root or as an ordinary user.',
  params: localParams,
  nodeNames,
  dcsNames: (counts) => layOut(counts).dcs.map(({ name }) => name),
  offers: [
    'shell',
    'process',
    'stray',
    'tags',
    'network',
    'shaping',
    'files',
    'rewind',
    'disk',
    'clock',
    'sql',
    'patroni',
    'dcs',
    'proxy',
    'power',
    'io',
    'sink',
    'standby',
  ],
  lacks: ({ standby }, { isRoot }) => ({
    limits,
    ...(!standby && { standby: 'it has none; write cluster: { standby: { nodes: 1 } }' }),
    ...(!isRoot && {
      power: 'its disks are loop devices, which only root can make; run as root',
      io: 'the layer over its disks is a file system that only root mounts; run as root',
    }),
  }),
  topologies: ['patroni'],
  proxyNames: (_cluster, routes) => proxiesOf(routes).map(({ place }) => place),
  sites: siteNames,
  parameters: () => labParameters,
  refusesRoute: ({ via, node }) =>
    via === 'address' && node === undefined
      ? "needs node: a lab's clients reach the lab's own network only, and it has no other address"
      : undefined,
  ownPatroni: async (wanted) => (await import('./local/contents.ts')).contentsBeforeBoot(wanted),
  preflight: async (spec, needs, routes) =>
    (await import('./local/preflight.ts')).preflight(spec, needs, routes),
  install: async (findings, log) =>
    (await import('./local/install.ts')).installMissing(findings, log),
  boot: async (options) => (await import('./local/boot.ts')).bootLab(options),
  live: async () => (await import('./local/attach.ts')).liveClusters(),
  attach: async (record) => (await import('./local/attach.ts')).attachCluster(record),
  isUp: async (record) => (await import('./local/attach.ts')).isUp(record),
};

export default backend;
