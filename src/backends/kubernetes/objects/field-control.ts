import type { Json } from '../../../contracts/json.ts';
import type { HostControl, PreparedChange, ScaleControl } from '../../../contracts/objects.ts';
import { ClusterError } from '../../../std/errors.ts';
import { waitUntil } from '../../../std/wait.ts';
import type { Api } from '../api.ts';
import type { KubernetesParams } from '../params.ts';
import { listPods, type PodWatch } from '../pods.ts';
import { askFor, find, resourceOf } from './changes.ts';
import { changed, type Field, fieldOf, type MarkedObject, setField, unsetField } from './marks.ts';
import type { UndoPod } from './undo-pod.ts';

/** What changes of objects that are not ours need. */
export interface Changing {
  readonly api: Api;
  readonly undoPod: UndoPod;
  readonly runId: string;
}

const nodesPath = '/api/v1/nodes';
const statefulSetsPath = (namespace: string) =>
  `/apis/apps/v1/namespaces/${namespace}/statefulsets`;

/** The Kubernetes node of a pod, wherever it is now. */
export function hostControl(name: string, watch: PodWatch, changing: Changing): HostControl {
  return {
    get name() {
      return watch.state(name).host;
    },
    cordon: async (tag) => {
      const { host } = watch.state(name);
      const what = `node ${host}`;
      const path = `${nodesPath}/${host}`;
      const before = await specOf(changing.api, { what, path });
      if (before.spec.unschedulable === true) {
        throw new ClusterError(
          `${what}: is cordoned already, so a cordon would change nothing; kubectl uncordon ${host}, if that is not meant`,
        );
      }
      const field = { what, path, name: 'unschedulable', before: false };
      return prepared(changing, { ...field, run: changing.runId, tag }, true);
    },
  };
}

/** The StatefulSets that the cluster's pods are of: Crunchy has one for each pod, and CloudNativePG none. */
export function scaleControl(params: KubernetesParams, changing: Changing): ScaleControl {
  const { api } = changing;
  return {
    to: async (replicas, tag, chosen) => {
      const owners = await statefulSetsOf(api, params);
      const [name] = chosen === undefined ? owners : owners.filter((each) => each === chosen);
      const known = owners.length > 0 ? `they are of ${owners.join(', ')}` : 'they are of none';
      if (name === undefined || (chosen === undefined && owners.length > 1)) {
        throw new ClusterError(
          `scale: ${chosen === undefined ? 'the pods of the cluster file are not of one StatefulSet' : `no pod of the cluster file is of StatefulSet ${chosen}`}; ${known}${owners.length > 1 ? ': write statefulSet: NAME' : ''}`,
        );
      }
      const what = `StatefulSet ${name}`;
      const path = `${statefulSetsPath(api.namespace)}/${name}`;
      const { spec } = await specOf(api, { what, path });
      const before = spec.replicas ?? 1;
      if (before === replicas) {
        throw new ClusterError(
          `${what}: has ${replicas} replicas already, so nothing would change`,
        );
      }
      const field = { what, path, name: 'replicas', before };
      const ready = prepared(changing, { ...field, run: changing.runId, tag }, replicas);
      const hasSoMany = async () => {
        const { status } = (await find(api, 'statefulsets', path)) as unknown as SetStatus;
        return before < replicas || (status?.replicas ?? 0) <= replicas;
      };
      return {
        change: ready.change,
        make: async (signal) => {
          await ready.make(signal);
          const timeoutMs = scaledTimeoutMs;
          await waitUntil(`${what} has ${replicas} pods`, hasSoMany, {
            timeoutMs,
            everyMs: 250,
            signal,
          });
        },
      };
    },
  };
}

/** Pods end in turn, each in order. */
const scaledTimeoutMs = 180_000;

interface SetStatus {
  readonly status?: { readonly replicas?: number };
}

async function statefulSetsOf(api: Api, params: KubernetesParams): Promise<readonly string[]> {
  const pods = await listPods(api, params);
  const owners = pods.flatMap(({ metadata }) => metadata?.ownerReferences ?? []);
  const names = owners.filter(({ kind }) => kind === 'StatefulSet').map(({ name }) => name);
  return [...new Set(names)];
}

type Spec = MarkedObject & {
  readonly spec: Readonly<{ [key: string]: Json; unschedulable?: boolean; replicas?: number }>;
};

/** Errors: ClusterError where a dead run has left its mark. */
async function specOf(api: Api, at: Pick<Field, 'what' | 'path'>): Promise<Spec> {
  const found = (await find(api, resourceOf(at.path), at.path)) as unknown as Spec | undefined;
  if (!found) throw new ClusterError(`${at.what}: is not there`);
  const left = fieldOf(found, { ...at, name: '' });
  if (left) {
    throw new ClusterError(
      `${at.what}: run ${left.run} has changed it and not taken that back; forkpoint clean --cluster FILE does`,
    );
  }
  return found;
}

function prepared({ api, undoPod }: Changing, field: Field, value: Json): PreparedChange {
  const change = unsetField(field, value);
  const { path } = field;
  return {
    change,
    make: async (signal) => {
      await undoPod.hold(change, signal);
      await askFor(
        api,
        { verb: 'patch', resource: resourceOf(path) },
        { method: 'PATCH', path, patch: 'merge', body: setField(field, value) },
      );
    },
  };
}

/** A kind of object, and the field of its spec that faults change. */
export interface MarkedKind {
  readonly kind: string;
  readonly path: string;
  readonly name: string;
}

export const markedNodes = { kind: 'node', path: nodesPath, name: 'unschedulable' };
export const markedSets = (namespace: string): MarkedKind => ({
  kind: 'StatefulSet',
  path: statefulSetsPath(namespace),
  name: 'replicas',
});

/** Takes back what dead runs left changed, and returns a sentence for each. */
export async function takeBackMarked(
  api: Api,
  { kind, path, name }: MarkedKind,
): Promise<readonly string[]> {
  const resource = path.split('/').at(-1) ?? '';
  const query = `?labelSelector=${encodeURIComponent(`forkpoint.dev/part=${changed}`)}`;
  const { items } = (await askFor(
    api,
    { verb: 'list', resource },
    { method: 'GET', path: `${path}${query}` },
  )) as unknown as { readonly items: readonly MarkedObject[] };
  const said = await Promise.all(
    items.map(async (object) => {
      const at = `${path}/${object.metadata.name}`;
      const what = `${kind} ${object.metadata.name}`;
      const field = fieldOf(object, { what, path: at, name });
      if (!field) return [];
      const { patch } = unsetField(field, null);
      await askFor(
        api,
        { verb: 'patch', resource },
        { method: 'PATCH', path: at, patch: 'json', body: patch ?? [] },
      );
      return [
        `${what}: ${name} is ${JSON.stringify(field.before)} again, as before run ${field.run}`,
      ];
    }),
  );
  return said.flat();
}
