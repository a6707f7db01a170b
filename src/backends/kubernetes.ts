import type { ClusterBackend, Lacks } from '../contracts/backend.ts';
import type { CapabilityName } from '../contracts/cluster.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import { impossible, machineHarms } from './external/params.ts';
import { refusesNamed } from './external/refuses-route.ts';
import { describeCluster, paramsOf } from './kubernetes/describe.ts';
import { takenBack } from './kubernetes/rights.ts';
import { clusterFileParams, kubernetesParams, podHarms } from './kubernetes/params.ts';

const noFile = 'this backend connects to a cluster that exists: give its file with --cluster';

const noUndo =
  'no process would undo it if Forkpoint died; add helper: { image: ..., undoAs: SERVICE-ACCOUNT }';

const example = {
  namespace: 'default',
  selector: 'app=pg',
  nodes: ['pg-0', 'pg-1', 'pg-2'],
  consent: ['network', 'process', 'sql'],
  credentials: { secret: 'pg' },
  helper: { image: 'forkpoint-cluster:pg17' },
};

// What connects is loaded with the first run: planning needs none of it.
const backend: ClusterBackend = {
  summary: 'A cluster in Kubernetes, of pods that a selector finds.',
  nodeNames: (cluster) => paramsOf(cluster)?.nodes ?? [],
  offers: podHarms,
  lacks: (cluster) => lacksOf(cluster),
  existing: {
    params: clusterFileParams,
    example,
    describe: describeCluster,
    survey: async (params, signal) =>
      (await import('./kubernetes/survey.ts')).surveyPods(kubernetesParams.parse(params), signal),
    clean: async (params, signal) =>
      (await import('./kubernetes/clean.ts')).cleanPods(kubernetesParams.parse(params), signal),
  },
  topologies: ['patroni', 'single'],
  sites: ['clients'],
  refusesEnd: (end, cluster) => {
    if (end === 'clients') {
      if (!paramsOf(cluster)?.sites) return undefined;
      return 'load runs in the pods of a Job, whose addresses are known only when they run';
    }
    if (end !== 'dcs') return 'a cluster file of Kubernetes names no machines of proxies';
    const dcs = paramsOf(cluster)?.dcs;
    if (dcs === undefined || dcs.length > 0) return undefined;
    return 'the cluster file names none of its members; add dcs: kubernetes, or dcs: [HOST:PORT]';
  },
  refusesRoute: (route, cluster) =>
    refusesNamed(route, Object.keys(paramsOf(cluster)?.routes ?? {})),
  preflight: () => Promise.resolve([]),
  boot: async (options) => (await import('./kubernetes/connect.ts')).connectCluster(options),
  attach: async (record) => (await import('./kubernetes/connect.ts')).attachCluster(record),
};

/** What a file does not allow, or gives no way to. */
function lacksOf(cluster: Pick<ClusterSpec, 'topology' | 'own'>): Lacks {
  const params = paramsOf(cluster);
  if (!params) return Object.fromEntries(podHarms.map((harm) => [harm, noFile]));
  const reasons = new Map<CapabilityName, string>();
  for (const harm of podHarms) {
    if (!params.consent.includes(harm)) {
      reasons.set(harm, `its cluster file does not allow it; add ${harm} to consent`);
    } else if (machineHarms.includes(harm) && !params.helper) {
      reasons.set(harm, 'its cluster file names no helper pod; add helper: { image: ... }');
    } else if (takenBack.includes(harm) && params.helper?.undoAs === undefined) {
      reasons.set(harm, noUndo);
    }
  }
  if (!reasons.has('disk') && !params.disks) {
    reasons.set(
      'disk',
      'its cluster file names no disks; add disks: { data: FOLDER, wal: FOLDER }',
    );
  }
  if (!reasons.has('patroni') && params.patroni === false) {
    reasons.set('patroni', 'its cluster file says that there is no Patroni');
  }
  return { ...Object.fromEntries(reasons), ...impossible };
}

export default backend;
