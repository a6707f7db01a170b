import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';
import { EnvironmentError } from '../../std/errors.ts';
import type { Api } from './api.ts';
import { askFor } from './objects/changes.ts';

/** One line of RBAC. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Beyond any namespace: a ClusterRole gives it. */
  readonly isClusterWide?: true;
}

type Rights = Readonly<Partial<Record<CapabilityName, readonly Right[]>>>;

export const chaosGroup = 'chaos-mesh.org';
const chaosResources = ['networkchaos', 'iochaos', 'timechaos'];

/** What a harm needs beyond looking at pods: the one list for manifests and for what is asked before a run. */
export const rights: Rights = {
  // `list` is for `clean`, which finds Kubernetes nodes by our label.
  host: [{ group: '', resource: 'nodes', verbs: ['get', 'list', 'patch'], isClusterWide: true }],
  neighbours: [
    { group: '', resource: 'pods', verbs: ['get', 'list'], isClusterWide: true },
    { group: '', resource: 'pods/eviction', verbs: ['create'], isClusterWide: true },
  ],
  volume: [
    { group: '', resource: 'persistentvolumeclaims', verbs: ['get', 'delete'] },
    { group: '', resource: 'pods', verbs: ['delete'] },
  ],
  scale: [{ group: 'apps', resource: 'statefulsets', verbs: ['get', 'list', 'patch'] }],
  chaos: chaosResources.map((resource) => {
    return { group: chaosGroup, resource, verbs: ['get', 'list', 'create', 'delete'] };
  }),
};

/** What the account of the undo pod needs for the same: to take it back. */
export const undoRights: Rights = {
  host: [{ group: '', resource: 'nodes', verbs: ['patch'], isClusterWide: true }],
  scale: [{ group: 'apps', resource: 'statefulsets', verbs: ['patch'] }],
  chaos: chaosResources.map((resource) => ({ group: chaosGroup, resource, verbs: ['delete'] })),
};

/** Harms that must be taken back in the API, so that somebody must be there for it when this process has died. */
export const takenBack = Object.keys(undoRights) as readonly CapabilityName[];

/** Those that the API server says we lack, a sentence each, by verb and resource. Errors: EnvironmentError. */
export async function missingRights(
  api: Api,
  needs: readonly CapabilityName[],
): Promise<readonly string[]> {
  const asked = needs.flatMap((need) => rights[need] ?? []);
  const each = asked.flatMap(({ verbs, ...right }) => verbs.map((verb) => ({ ...right, verb })));
  const said = await Promise.all(
    each.map(async ({ group, resource, verb, isClusterWide }) => {
      const [name = '', subresource] = resource.split('/');
      const attributes = {
        group,
        resource: name,
        verb,
        ...(subresource !== undefined && { subresource }),
        ...(!isClusterWide && { namespace: api.namespace }),
      };
      if (await isAllowed(api, attributes)) return [];
      const role = isClusterWide ? 'a ClusterRole' : `a Role in namespace ${api.namespace}`;
      return [`${verb} ${resource}: not allowed; allow the verb ${verb} on ${resource} in ${role}`];
    }),
  );
  return said.flat();
}

/** Errors: EnvironmentError with each right that is missing. */
export async function requireRights(api: Api, needs: readonly CapabilityName[]): Promise<void> {
  const missing = await missingRights(api, needs);
  if (missing.length > 0) throw new EnvironmentError(missing.join('\n'));
}

async function isAllowed(api: Api, resourceAttributes: Json): Promise<boolean> {
  const kind = 'SelfSubjectAccessReview';
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { resourceAttributes } };
  const { status } = (await askFor(
    api,
    { verb: 'create', resource: 'selfsubjectaccessreviews' },
    { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body },
  )) as unknown as { readonly status: { readonly allowed: boolean } };
  return status.allowed;
}
