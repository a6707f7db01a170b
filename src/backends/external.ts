import type { ClusterBackend, Lacks } from '../contracts/backend.ts';
import type { CapabilityName } from '../contracts/cluster.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import { refusesEnd } from './external/refuses-end.ts';
import { refusesRoute } from './external/refuses-route.ts';
import { describeCluster, paramsOf } from './external/describe.ts';
import {
  clusterFileParams,
  externalParams,
  harms,
  impossible,
  machineHarms,
} from './external/params.ts';

const noFile = 'this backend connects to a cluster that exists: give its file with --cluster';

const example = {
  consent: ['network', 'process', 'sql'],
  credentials: { user: 'app', password: { env: 'PGPASSWORD' } },
  nodes: {
    db1: { host: 'db1.internal', patroni: 'https://db1.internal:8008', shell: ['ssh', 'db1'] },
    db2: { host: 'db2.internal', patroni: 'https://db2.internal:8008', shell: ['ssh', 'db2'] },
  },
};

// What connects is loaded with the first run: planning needs none of it.
const backend: ClusterBackend = {
  summary: 'A cluster that exists already, as its file describes it.',
  nodeNames: (cluster) => Object.keys(paramsOf(cluster)?.nodes ?? {}),
  proxyNames: (cluster) => Object.keys(paramsOf(cluster)?.proxies ?? {}),
  offers: harms,
  lacks: (cluster) => lacksOf(cluster),
  existing: {
    params: clusterFileParams,
    example,
    describe: describeCluster,
    survey: async (params, signal) =>
      (await import('./external/survey.ts')).surveyCluster(externalParams.parse(params), signal),
    clean: async (params, signal) =>
      (await import('./external/clean.ts')).cleanCluster(externalParams.parse(params), signal),
  },
  topologies: ['patroni', 'single'],
  sites: ['clients'],
  refusesRoute,
  refusesEnd,
  preflight: () => Promise.resolve([]),
  boot: async (options) => (await import('./external/connect.ts')).connectCluster(options),
  attach: async (record) => (await import('./external/connect.ts')).attachCluster(record),
};

/** What a file does not allow, or gives no way to. */
function lacksOf(cluster: Pick<ClusterSpec, 'topology' | 'own'>): Lacks {
  const params = paramsOf(cluster);
  if (!params) return Object.fromEntries(harms.map((harm) => [harm, noFile]));
  const nodes = Object.entries(params.nodes);
  const without = (key: 'shell' | 'patroni') =>
    nodes.filter(([, node]) => node[key] === undefined).map(([name]) => name);
  const reasons = new Map<CapabilityName, string>();
  const noShell = without('shell');
  for (const harm of harms) {
    if (!params.consent.includes(harm)) {
      reasons.set(harm, `its cluster file does not allow it; add ${harm} to consent`);
    } else if (machineHarms.includes(harm) && noShell.length > 0) {
      reasons.set(harm, `its cluster file names no shell for ${noShell.join(', ')}`);
    }
  }
  const noDisks = nodes.filter(([, node]) => node.disks === undefined).map(([name]) => name);
  if (!reasons.has('disk') && noDisks.length > 0) {
    const what = `its cluster file names no disks for ${noDisks.join(', ')}`;
    reasons.set('disk', `${what}; add disks: { data: FOLDER, wal: FOLDER }`);
  }
  const noRest = without('patroni');
  if (!reasons.has('patroni') && noRest.length > 0) {
    reasons.set('patroni', `its cluster file names no REST address for ${noRest.join(', ')}`);
  }
  return { ...Object.fromEntries(reasons), ...impossible };
}

export default backend;
