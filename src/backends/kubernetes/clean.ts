import { cleanKnown } from '../external/clean.ts';
import { ask } from './api.ts';
import { openPods } from './connect.ts';
import { removePod } from './helpers.ts';
import { removeJobs } from './job/remove-jobs.ts';
import { helperLabel, runLabel } from './labels.ts';
import type { KubernetesParams } from './params.ts';

const ourselves = 'clean';

/**
 * Removes what dead runs left: rules and schemas in the cluster, helper pods in its namespace. Returns a sentence for each.
 * Errors: EnvironmentError where a run is going on.
 */
export async function cleanPods(
  params: KubernetesParams,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using opened = new AsyncDisposableStack();
  const { api, resolved, machines } = await openPods(params, { runId: ourselves }, opened);
  const cleaned = await cleanKnown({ ...resolved, machines }, signal);
  const { namespace } = api;
  // Before its pods, which it would replace.
  const jobs = params.sites ? await removeJobs(api) : [];
  const { items } = await ask(api, 'list', 'pods', () =>
    api.core.listNamespacedPod({
      namespace,
      labelSelector: `${helperLabel}=helper,${runLabel}!=${ourselves}`,
    }),
  );
  const removed = await Promise.all(
    items.map(async ({ metadata }) => {
      const name = metadata?.name ?? '';
      await removePod(api, name);
      return `pod ${name} of run ${metadata?.labels?.[runLabel] ?? 'unknown'}: removed`;
    }),
  );
  return [...cleaned, ...jobs, ...removed];
}
