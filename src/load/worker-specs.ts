import { availableParallelism } from 'node:os';
import type { ClientSite, Cluster } from '../contracts/cluster.ts';
import type { Registry } from '../contracts/registry.ts';
import type { LoadSpec, Plan } from '../contracts/scenario.ts';
import { HarnessBug } from '../std/errors.ts';
import type { WorkerSpec } from './protocol.ts';
import type { Identities } from '../routes/identity.ts';
import { workerRoutesOf } from './worker-routes.ts';
import { workloadContext } from './workload-context.ts';
import { remoteSource, type WorkloadSource } from './workload-source.ts';

export interface WorkerShares {
  readonly cluster: Pick<Cluster, 'nodes' | 'sites' | 'credentials' | 'routes'>;
  readonly plan: Plan;
  readonly registry: Pick<Registry, 'workloadUrls'>;
  readonly runId: string;
  readonly isTracked?: boolean;
  /** Absent: each connection's node is known without asking its server. */
  readonly identities?: Identities;
}

/** One for each worker; writers and readers are divided among them. */
export function specsOf(options: WorkerShares): WorkerSpec[] {
  const { cluster, plan, runId } = options;
  const { load } = plan.scenario;
  const workloadUrl = options.registry.workloadUrls.get(load.workload);
  if (workloadUrl === undefined) throw new HarnessBug(`there is no workload ${load.workload}`);
  const { isRemote } = siteOf(cluster.sites, load.site);
  const workload: WorkloadSource = isRemote
    ? remoteSource(load.workload, workloadUrl)
    : { kind: 'file', url: workloadUrl };
  const workers = workersOf(load);
  const readers = load.readers?.count ?? 0;
  const routes = workerRoutesOf(cluster, load);
  const firstOf = (worker: number, all: number) => Math.floor((worker * all) / workers);
  return Array.from({ length: workers }, (_, worker) => ({
    worker,
    workers,
    load,
    routes,
    identities: options.identities ?? {},
    credentials: cluster.credentials,
    firstWriter: firstOf(worker, load.clients),
    writers: firstOf(worker + 1, load.clients) - firstOf(worker, load.clients),
    firstReader: firstOf(worker, readers),
    readers: firstOf(worker + 1, readers) - firstOf(worker, readers),
    observes:
      load.clientReads !== undefined ||
      (readers > 0 && (worker === 0 || firstOf(worker + 1, readers) > firstOf(worker, readers))),
    members: cluster.nodes.map(({ name, endpoint }) => ({ name, endpoint })),
    context: workloadContext(plan, runId, load.params),
    workload,
    isTracked: options.isTracked ?? true,
  }));
}

/** Of connections: a process with more of them answers each too late. */
const clientsPerWorker = 256;

function workersOf({ workers, clients }: LoadSpec): number {
  const usual = Math.min(availableParallelism(), Math.ceil(clients / clientsPerWorker));
  return Math.min(workers ?? usual, clients);
}

export function siteOf(sites: readonly ClientSite[], name: string): ClientSite {
  const site = sites.find((candidate) => candidate.name === name);
  if (!site) throw new HarnessBug(`the cluster has no client site ${name}`);
  return site;
}
