import { BatchV1Api } from '@kubernetes/client-node';
import { type Api, ask } from '../api.ts';
import { helperLabel, runLabel } from '../labels.ts';

/** Removes the Jobs of load that dead runs left, and returns a sentence for each. Errors: EnvironmentError. */
export async function removeJobs(
  api: Pick<Api, 'config' | 'namespace'>,
): Promise<readonly string[]> {
  const { namespace } = api;
  const batch = api.config.makeApiClient(BatchV1Api);
  const labelSelector = `${helperLabel}=load`;
  const { items } = await ask(api, 'list', 'jobs', () =>
    batch.listNamespacedJob({ namespace, labelSelector }),
  );
  return Promise.all(
    items.map(async ({ metadata }) => {
      const name = metadata?.name ?? '';
      await ask(api, 'delete', 'jobs', () =>
        batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Background' }),
      );
      return `Job ${name} of run ${metadata?.labels?.[runLabel] ?? 'unknown'}: removed`;
    }),
  );
}
