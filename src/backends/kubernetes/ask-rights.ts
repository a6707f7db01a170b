import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';
import { EnvironmentError } from '../../std/errors.ts';
import type { Api } from './api.ts';
import { askFor } from './objects/changes.ts';
import { rights } from './rights.ts';

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
