import { createHash } from 'node:crypto';
import type { Json } from '../../../contracts/json.ts';
import type { ChaosControl, ChaosKind, ObjectChange } from '../../../contracts/objects.ts';
import { ClusterError, EnvironmentError } from '../../../std/errors.ts';
import { waitUntil } from '../../../std/wait.ts';
import { type Api, codeOf } from '../api.ts';
import { helperLabel, runLabel } from '../labels.ts';
import { chaosGroup } from '../rights.ts';
import { askFor, find, resourceOf } from './changes.ts';
import type { Changing } from './field-control.ts';

const version = `${chaosGroup}/v1alpha1`;
const versionPath = `/apis/${version}`;
/** The value of the label of kind on objects of Chaos Mesh that are ours. */
const part = 'chaos';

/** Chaos Mesh calls the plural as the singular. */
function resourceOfKind(kind: ChaosKind): string {
  return kind.toLowerCase();
}

/** Experiments of Chaos Mesh: created, watched and deleted by us, put in force and ended by its controller. */
export function chaosControl({ api, undoPod, runId }: Changing): ChaosControl {
  return {
    prepare: async ({ kind, spec, pods, tag, longestMs, withinMs }) => {
      await requireChaosMesh(api, kind);
      const resource = resourceOfKind(kind);
      const folder = `${versionPath}/namespaces/${api.namespace}/${resource}`;
      const hash = createHash('sha256').update(`${runId} ${tag}`).digest('hex').slice(0, 12);
      const name = `forkpoint-${hash}`;
      const change: ObjectChange = { what: `${kind} ${name}`, path: `${folder}/${name}` };
      const make = async (signal: AbortSignal) => {
        await undoPod.hold(change, signal);
        const body = {
          apiVersion: version,
          kind,
          metadata: {
            name,
            labels: { [helperLabel]: part, [runLabel]: runId },
            // It goes with the pod that would end it.
            ownerReferences: [{ ...(await undoPod.owner()) }],
          },
          spec: {
            ...spec,
            mode: 'all',
            selector: { namespaces: [api.namespace], pods: { [api.namespace]: pods } },
            duration: `${Math.ceil(longestMs / 1000)}s`,
          },
        };
        await askFor(api, { verb: 'create', resource }, { method: 'POST', path: folder, body });
        await untilInjected(api, change, { withinMs, signal });
      };
      return { change, make };
    },
    lapse: async (change) => {
      const found = await find(api, resourceOf(change.path), change.path);
      if (found === undefined) return `${change.what}: it was deleted from outside the run`;
      if (isInjected(found)) return undefined;
      return `${change.what}: its controller says ${conditionsOf(found)}`;
    },
  };
}

/** Errors: EnvironmentError where Chaos Mesh, or this kind of it, is not installed. */
export async function requireChaosMesh(api: Api, kind?: ChaosKind): Promise<void> {
  const found = await kindsOf(api);
  const remedy = `install Chaos Mesh, or leave its faults out`;
  if (!found) {
    throw new EnvironmentError(`the API server knows nothing of ${version}; ${remedy}`);
  }
  if (kind === undefined || found.includes(kind)) return;
  throw new EnvironmentError(
    `the API server knows no ${kind} of ${version}, only ${found.join(', ')}; ${remedy}`,
  );
}

/** Undefined: Chaos Mesh is not installed. */
async function kindsOf(api: Api): Promise<readonly string[] | undefined> {
  const found = (await find(api, version, versionPath)) as unknown as
    { readonly resources: readonly { readonly kind: string }[] } | undefined;
  return found && [...new Set(found.resources.map(({ kind }) => kind))];
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

function conditions(object: Json): readonly Condition[] {
  const { status } = object as { readonly status?: { readonly conditions?: readonly Condition[] } };
  return status?.conditions ?? [];
}

function isInjected(object: Json): boolean {
  return conditions(object).some(({ type, status }) => type === 'AllInjected' && status === 'True');
}

/** In words. */
function conditionsOf(object: Json): string {
  const said = conditions(object).map(
    ({ type, status, reason = '' }) => `${type} ${status}${reason === '' ? '' : `: ${reason}`}`,
  );
  return said.length === 0 ? 'nothing' : said.join(', ');
}

/** Errors: ClusterError with what its controller has said. */
async function untilInjected(
  api: Api,
  { what, path }: ObjectChange,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<void> {
  let seen: Json | undefined;
  const isInForce = async () => {
    seen = await find(api, resourceOf(path), path);
    return seen !== undefined && isInjected(seen);
  };
  try {
    const timeoutMs = withinMs;
    await waitUntil(`${what} is in force`, isInForce, { timeoutMs, everyMs: 250, signal });
  } catch (error) {
    signal.throwIfAborted();
    const said = seen === undefined ? 'that it is gone' : conditionsOf(seen);
    throw new ClusterError(
      `${what}: unknown whether it is in force: its controller has not said AllInjected in ${withinMs / 1000} s, it says ${said}; does chaos-controller-manager run, and chaos-daemon on each node of the pods? kubectl -n ${api.namespace} describe ${resourceOf(path)} says more`,
      { cause: error },
    );
  }
}

const chaosKinds: readonly ChaosKind[] = ['NetworkChaos', 'IOChaos', 'TimeChaos'];

/** Deletes what dead runs left of experiments, and returns a sentence for each. Errors: EnvironmentError. */
export async function removeChaos(api: Api): Promise<readonly string[]> {
  const known = (await kindsOf(api)) ?? [];
  const kinds = chaosKinds.filter((kind) => known.includes(kind));
  const each = await Promise.all(kinds.map((kind) => removeKind(api, kind)));
  return each.flat();
}

async function removeKind(api: Api, kind: ChaosKind): Promise<readonly string[]> {
  const resource = resourceOfKind(kind);
  const folder = `${versionPath}/namespaces/${api.namespace}/${resource}`;
  const query = `?labelSelector=${encodeURIComponent(`${helperLabel}=${part}`)}`;
  const { items } = (await askFor(
    api,
    { verb: 'list', resource },
    { method: 'GET', path: `${folder}${query}` },
  )) as unknown as {
    readonly items: readonly {
      readonly metadata: {
        readonly name: string;
        readonly labels?: Readonly<Record<string, string>>;
      };
    }[];
  };
  return Promise.all(
    items.map(async ({ metadata: { name, labels } }) => {
      const path = `${folder}/${name}`;
      await askFor(api, { verb: 'delete', resource }, { method: 'DELETE', path }).catch(
        (error: unknown) => {
          if (codeOf((error as Error).cause) !== 404) throw error;
        },
      );
      return `${kind} ${name} of run ${labels?.[runLabel] ?? 'unknown'}: deleted`;
    }),
  );
}
