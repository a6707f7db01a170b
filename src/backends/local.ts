import type { ClusterBackend } from '../contracts/backend.ts';
import { labParameters } from '../patroni/dynamic-config.ts';
import { siteNames } from '../machine/layout.ts';
import { proxiesOf } from '../routes/proxies.ts';
import { layOut, nodeNames } from './local/layout.ts';
import { dcsKind, localParams, tlsMode } from './local/params.ts';

const limits =
  "its nodes are processes of this host's and share its cores and memory; use --backend docker";

const noTls =
  'its servers have none unless cluster.tls is set; write cluster: { tls: verify-full }';

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
    'secondCluster',
    'tags',
    'certificates',
    'names',
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
    'consumers',
    'archive',
    'standby',
  ],
  lacks: ({ standby, own }, { isRoot }) => ({
    limits,
    ...(dcsKind(own) === 'raft' && {
      dcs: "these faults are etcd's, and cluster.dcs is raft; use dcs: etcd",
      secondCluster: 'a member of raft cannot be added beside another; use dcs: etcd',
      standby: 'it is told by etcd, and cluster.dcs is raft; use dcs: etcd',
    }),
    ...(!standby && { standby: 'it has none; write cluster: { standby: { nodes: 1 } }' }),
    ...(tlsMode(own) === undefined && { certificates: noTls }),
    ...(!isRoot && {
      power: 'its disks are loop devices, which only root can make; run as root',
      io: 'the layer over its disks is a file system that only root mounts; run as root',
    }),
  }),
  topologies: ['patroni'],
  proxyNames: (_cluster, routes) => proxiesOf(routes).map(({ place }) => place),
  sites: siteNames,
  parameters: () => labParameters,
  refusesRoute: (route, { own }) => {
    if (route.via === 'address' && route.node === undefined) {
      return "needs node: a lab's clients reach the lab's own network only, and it has no other address";
    }
    const isPooled = proxiesOf([route]).some(({ kind }) => kind === 'pgbouncer');
    return isPooled && tlsMode(own) !== undefined
      ? 'with cluster.tls it would end TLS: a PgBouncer of a lab has no certificate'
      : undefined;
  },
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
