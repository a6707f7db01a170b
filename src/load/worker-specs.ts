import { availableParallelism } from 'node:os';
import type { ClientSite, Cluster } from '../contracts/cluster.ts';
import type { Registry } from '../contracts/registry.ts';
import type { LoadSpec, Plan } from '../contracts/scenario.ts';
import { HarnessBug } from '../std/errors.ts';
import { type SiteWriters, sitesOf } from '../scenario/words/groups.ts';
import { hasClientReads } from '../std/units/client-reads.ts';
import type { Member } from './member.ts';
import { groupWorkOf, type Sources } from './group-work.ts';
import { sharesOf } from './hold.ts';
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

/** One for each worker; writers and readers are divided among them. Readers are where the load's own site is. */
export function specsOf(options: WorkerShares): WorkerSpec[] {
  const { cluster, plan, runId, registry } = options;
  const { load } = plan.scenario;
  const { seed } = plan;
  const shares = workerShares(load, cluster.sites);
  const own = shares.filter(({ site }) => site === load.site);
  const readers = load.readers?.count ?? 0;
  const routes = workerRoutesOf(cluster, load);
  const context = workloadContext(load, { runId, seed });
  return shares.map((share, worker) => {
    const { isRemote } = siteOf(cluster.sites, share.site);
    const sourceOf: Sources = (name) => sourceOn(isRemote, name, registry);
    const place = own.indexOf(share);
    const readersBefore = (end: number) => Math.floor((end * readers) / Math.max(1, own.length));
    const [firstReader, nextReader] =
      place < 0 ? [0, 0] : [readersBefore(place), readersBefore(place + 1)];
    const isHome = share === (own[0] ?? shares[0]);
    const groups = groupWorkOf(load, { runId, seed, sourceOf });
    return {
      worker,
      workers: shares.length,
      load,
      routes,
      site: share.site,
      isHome,
      identities: options.identities ?? {},
      credentials: cluster.credentials,
      firstWriter: share.firstWriter,
      writers: share.clients,
      firstReader,
      readers: nextReader - firstReader,
      observes: hasClientReads(load) || (readers > 0 && (isHome || nextReader > firstReader)),
      members: membersOf(cluster),
      context,
      workload: sourceOf(load.workload),
      ...(groups.length > 0 && { groups }),
      isTracked: options.isTracked ?? true,
    };
  });
}

/** The nodes as they can be reached now. */
export function membersOf({ nodes }: Pick<Cluster, 'nodes'>): readonly Member[] {
  return nodes.map(({ name, endpoint }) => ({ name, endpoint }));
}

function sourceOn(
  isRemote: boolean,
  name: string,
  { workloadUrls }: Pick<Registry, 'workloadUrls'>,
): WorkloadSource {
  const url = workloadUrls.get(name);
  if (url === undefined) throw new HarnessBug(`there is no workload ${name}`);
  return isRemote ? remoteSource(name, url) : { kind: 'file', url };
}

/** Of connections: a process with more of them answers each too late. */
const clientsPerWorker = 256;

/** The writers of each worker: each site has its clients' share of the workers, and one at least. */
function workerShares(load: LoadSpec, all: readonly ClientSite[]): readonly SiteWriters[] {
  const usual = Math.min(availableParallelism(), Math.ceil(load.clients / clientsPerWorker));
  const sites = sitesOf(load);
  const spare = Math.max(0, (load.workers ?? usual) - sites.length);
  const more = sharesOf(
    spare,
    sites.map(({ clients }) => clients),
  );
  return sites.flatMap(({ site, firstWriter, clients }, index) => {
    const { workers: ready } = siteOf(all, site);
    const wanted = ready === undefined ? 1 + (more[index] ?? 0) : (load.workers ?? ready);
    const workers = Math.min(clients, wanted, ready ?? Infinity);
    const firstOf = (worker: number) => firstWriter + Math.floor((worker * clients) / workers);
    return Array.from({ length: workers }, (_, worker) => ({
      site,
      firstWriter: firstOf(worker),
      clients: firstOf(worker + 1) - firstOf(worker),
    }));
  });
}

export function siteOf(sites: readonly ClientSite[], name: string): ClientSite {
  const site = sites.find((candidate) => candidate.name === name);
  if (!site) throw new HarnessBug(`the cluster has no client site ${name}`);
  return site;
}
