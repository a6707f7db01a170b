import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import type { BootOptions } from '../../contracts/backend.ts';
import type { CapabilityName, Cluster } from '../../contracts/cluster.ts';
import { guardMachines } from '../../machine/dead-man.ts';
import { joinGuards } from '../../machine/join-guards.ts';
import { EnvironmentError, ScenarioError } from '../../std/errors.ts';
import { attachTo, connectTo } from '../external/connect.ts';
import { Machines } from '../external/machines.ts';
import { type Api, openApi } from './api.ts';
import { paramsOf } from './describe.ts';
import { Helpers } from './helpers.ts';
import { openLocks } from './locks.ts';
import { collectPodLogs } from './logs.ts';
import { jobSite } from './job/site.ts';
import { neighbourControl } from './neighbours.ts';
import { objectControl } from './objects/changes.ts';
import { chaosControl, requireChaosMesh } from './objects/chaos-control.ts';
import { type Changing, hostControl, scaleControl } from './objects/field-control.ts';
import { UndoPod } from './objects/undo-pod.ts';
import { type KubernetesParams, kubernetesParams } from './params.ts';
import { podControl } from './pod-control.ts';
import { PodWatch } from './pods.ts';
import { type Resolved, resolveCluster } from './resolve.ts';
import { requireRights } from './ask-rights.ts';
import { takenBack } from './rights.ts';
import { volumeControl } from './volume-control.ts';
import { requireWay } from './way.ts';

/**
 * Connects to the cluster that the file describes, and refuses one that a run could harm, or that could not be judged. Nothing
 * is changed there but helper pods, where faults need them.
 * Errors: ScenarioError or EnvironmentError, with what came back and what to do.
 */
export async function connectCluster(options: BootOptions): Promise<Cluster> {
  const params = paramsOf(options.spec);
  if (!params) throw new ScenarioError('backend kubernetes: give the cluster file with --cluster');
  await using opened = new AsyncDisposableStack();
  const { needs = [] } = options;
  const onLeft = (sentence: string) => options.log(sentence);
  const known = await openPods(params, { runId: options.id, onLeft }, opened);
  await requireRights(known.api, needs);
  if (needs.includes('chaos')) await requireChaosMesh(known.api);
  await requireWay(known.resolved.accesses);
  const locks = await openLocks(known.api, params, options);
  const isClaim = needs.length > 0;
  const written = isClaim ? options.spec.writtenFor : undefined;
  const cluster = await connectTo(
    {
      ...known.resolved,
      machines: known.machines,
      ...(locks && { locks }),
    },
    { ...options, log: (line) => options.log(line), written },
  );
  opened.use(cluster);
  const { id } = options;
  const job = params.sites?.clients.job;
  const { config, namespace } = known.api;
  // Nothing is made before the load.
  const site = job && opened.use(jobSite({ config, namespace, params: job, id }));
  const placed = site ? { ...cluster, sites: [site] } : cluster;
  const undoPod = opened.use(new UndoPod(known.api, { params, runId: id, onLeft }));
  const changing = { api: known.api, undoPod, runId: id };
  const controlled = withObjects(withPods(placed, params, known), params, { ...known, changing });
  const guarded = withGuard(controlled, undoPod, needs);
  return ours(guarded, { id, params }, known, opened.move());
}

/** Connects to the cluster of a dead run, to heal it. Errors: ScenarioError for a record that is none, EnvironmentError. */
export async function attachCluster(record: unknown): Promise<Cluster> {
  const { id, params } = recordSchema.parse(record);
  await using opened = new AsyncDisposableStack();
  const api = openApi(params);
  const objects = objectControl(api);
  try {
    const known = await openPods(params, { runId: id }, opened);
    const { resolved, machines } = known;
    const cluster = opened.use(attachTo(id, { ...resolved, machines }));
    return ours({ ...cluster, objects }, { id, params }, known, opened.move());
  } catch (error) {
    // Its pods may be missing just because of what is to be taken back: a StatefulSet without replicas.
    if (!(error instanceof EnvironmentError)) throw error;
    return { ...withoutPods(params), id, objects };
  }
}

function withoutPods({ nodes, port }: KubernetesParams): Omit<Cluster, 'id'> {
  const unknown = 'unknown';
  return {
    backend: 'kubernetes',
    nodes: nodes.map((name) => ({
      name,
      endpoint: { host: name, port },
      observer: { host: name, port },
    })),
    sites: [],
    credentials: { user: unknown, database: unknown },
    versions: { postgres: unknown, patroni: unknown, dcs: unknown },
    topology: () => Promise.resolve({ syncStandbys: [], members: [], isPaused: false }),
    collectLogs: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const recordSchema = z.object({ id: z.string(), params: kubernetesParams });

interface Known {
  readonly api: Api;
  readonly resolved: Resolved;
  readonly machines: Machines;
  readonly watch: PodWatch;
}

/** What a cluster file leads to; disposed with `opened`. Errors: EnvironmentError. */
export async function openPods(
  params: KubernetesParams,
  run: { readonly runId: string; readonly onLeft?: (sentence: string) => void },
  opened: AsyncDisposableStack,
): Promise<Known> {
  const api = openApi(params);
  const watch = opened.use(await PodWatch.start(api, params));
  const helpers = opened.use(new Helpers(api, { params, watch, ...run }));
  const resolved = await resolveCluster(api, params, { watch, helpers });
  const machines = new Machines(resolved.accesses, resolved.params);
  watch.onReplaced(() => machines.forget());
  return { api, resolved, machines, watch };
}

/** Nothing of Kubernetes' own is undone at a node, so a cluster that is only healed needs none of it. */
function withPods(
  cluster: Cluster,
  { consent }: KubernetesParams,
  { api, watch }: Pick<Known, 'api' | 'watch'>,
): Cluster {
  if (!consent.includes('pod')) return cluster;
  const nodes = cluster.nodes.map((node) => ({ ...node, pod: podControl(api, node.name, watch) }));
  return { ...cluster, nodes };
}

/** What a file allows of the API beyond its pods. */
function withObjects(
  cluster: Cluster,
  params: KubernetesParams,
  { api, watch, changing }: Pick<Known, 'api' | 'watch'> & { readonly changing: Changing },
): Cluster {
  const allows = (harm: KubernetesParams['consent'][number]) => params.consent.includes(harm);
  const nodes = cluster.nodes.map((node) => ({
    ...node,
    ...(allows('host') && { host: hostControl(node.name, watch, changing) }),
    ...(allows('volume') && { volume: volumeControl(api, node.name, watch) }),
    ...(allows('neighbours') && {
      neighbours: neighbourControl(api, node.name, { watch, params }),
    }),
  }));
  return {
    ...cluster,
    nodes,
    objects: objectControl(api, changing.undoPod),
    ...(allows('scale') && { scale: scaleControl(params, changing) }),
    ...(allows('chaos') && { chaos: chaosControl(changing) }),
  };
}

/** A timer in the undo pod beside those of the machines. */
function withGuard(cluster: Cluster, undoPod: UndoPod, needs: readonly CapabilityName[]): Cluster {
  if (!needs.some((need) => takenBack.includes(need))) return cluster;
  return {
    ...cluster,
    guard: (owner, isNeeded) =>
      joinGuards([
        guardMachines([undoPod.guarded()], owner, isNeeded),
        ...(cluster.guard ? [cluster.guard(owner, isNeeded)] : []),
      ]),
  };
}

/** Disposing it ends what was opened, and leaves the cluster up. */
function ours(
  cluster: Cluster,
  record: { readonly id: string; readonly params: KubernetesParams },
  { api, watch }: Pick<Known, 'api' | 'watch'>,
  opened: AsyncDisposableStack,
): Cluster {
  return {
    ...cluster,
    backend: 'kubernetes',
    unseen: (listener) => watch.gaps.listen(listener),
    // Names a Secret and holds none.
    record: { backend: 'kubernetes', ...record },
    collectLogs: async (directory) => {
      await mkdir(directory, { recursive: true });
      const { trouble } = watch;
      await collectPodLogs(api, record.params, { directory, trouble });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
