import type { ClusterBackend, Lacks } from '../contracts/backend.ts';
import { labParameters } from '../patroni/dynamic-config.ts';
import { diskParams } from '../machine/disk.ts';
import { dcsNames, memberNames } from './docker/member-names.ts';
import { proxiesOf } from '../routes/proxies.ts';
import { singleParameters } from './docker/single-parameters.ts';

/** Client containers need root on the engine's own host; without it the only client site is this host. */
const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

const noPower =
  'container disks are memory, which a power cut does not empty; use --backend local as root';
const noLayers =
  "only root on the engine's own Linux host can put a layer over the disks of containers";
const noMounts =
  "only root on the engine's own Linux host can mount in containers, and pg_rewind is held by a file that is mounted over it";
/** The server is its container's first process; see docker/single.ts. */
const noNetwork = 'a single server is booted without a network of its own; use topology: patroni';
const unmanaged = 'the server is the only process of its container; use topology: patroni';
const noConsumers =
  "only root on the engine's own Linux host can put consumers into a container of theirs; they run on this host";
const lacksSingle: Lacks = {
  power: noPower,
  io: unmanaged,
  stray: unmanaged,
  network: unmanaged,
  shaping: unmanaged,
  files: unmanaged,
  rewind: 'a single server has no Patroni',
  disk: unmanaged,
  clock: unmanaged,
  tags: 'a single server has no Patroni',
  patroni: 'a single server has no Patroni',
  dcs: 'a single server has no DCS',
  sink: noNetwork,
  consumers: noNetwork,
};

// The libraries are loaded only when this backend is used: they take longer to load than everything else together.
const backend: ClusterBackend = {
  summary: 'Containers with their own network: for the versions that you run in production.',
  params: diskParams,
  nodeNames: ({ nodes }) => memberNames(nodes),
  dcsNames: () => dcsNames,
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
    'io',
    'clock',
    'sql',
    'limits',
    'patroni',
    'dcs',
    'proxy',
    'sink',
    'consumers',
  ],
  lacks: ({ topology }, { isRoot }) => {
    if (topology === 'single') return lacksSingle;
    return {
      power: noPower,
      ...(!isRoot && { io: noLayers, rewind: noMounts, consumers: noConsumers }),
    };
  },
  topologies: ['patroni', 'single'],
  sites: isRootOnLinux ? ['clients', 'minority'] : ['clients'],
  parameters: (topology) => (topology === 'single' ? singleParameters : labParameters),
  proxyNames: (_cluster, routes) => proxiesOf(routes).map(({ place }) => place),
  refusesRoute: ({ via, node }, { topology }) => {
    if (via !== 'address') {
      return topology === 'single' ? `a single server has no ${via} before it` : undefined;
    }
    return node === undefined
      ? "needs node: the clients reach the cluster's own network only, and it has no other address"
      : undefined;
  },
  ownPatroni: async () => {
    // What is in the image is known in its first container.
    const { unknownContents } = await import('../scenario/own-patroni/contents.ts');
    return unknownContents('scram-sha-256');
  },
  preflight: async (spec) => (await import('./docker/preflight.ts')).preflight(spec),
  memoryOfHost: async () => (await import('./docker/limits.ts')).memoryOfHost(),
  installAsked: async (findings, log) =>
    (await import('./docker/install.ts')).installMissing(findings, log),
  boot: async (options) =>
    options.spec.topology === 'single'
      ? (await import('./docker/single.ts')).bootSingle(options)
      : (await import('./docker/boot.ts')).bootCluster(options),
  attach: async (record) => (await import('./docker/attach.ts')).attachCluster(record),
  isUp: async (record) => (await import('./docker/attach.ts')).isUp(record),
  live: async () => (await import('./docker/live.ts')).liveClusters(),
  copyServer: async (wanted) => (await import('./docker/copy-server.ts')).copyServer(wanted),
  clean: async () => (await import('./docker/leftovers.ts')).cleanLeftovers(),
};

export default backend;
