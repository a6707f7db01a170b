import { cleanKnown } from '../external/clean.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { podShell } from '../../shells/kubernetes/pod-shell.ts';
import { type Api, ask, codeOf, openApi } from './api.ts';
import { openPods } from './connect.ts';
import { removeJobs } from './job/remove-jobs.ts';
import { helperLabel, runLabel } from './labels.ts';
import { removeChaos } from './objects/chaos-control.ts';
import { markedNodes, markedSets, takeBackMarked } from './objects/field-control.ts';
import { undoMark } from './objects/undo-script.ts';
import { removePod } from './own-pods.ts';
import type { KubernetesParams } from './params.ts';

const ourselves = 'clean';

/**
 * Removes what dead runs left: rules and schemas in the cluster, pods of ours in its namespace, and changes of objects that carry
 * our mark. Returns a sentence for each.
 * Errors: EnvironmentError where a run is going on.
 */
export async function cleanPods(
  params: KubernetesParams,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const api = openApi(params);
  const undoPods = await oursOf(api, 'undo');
  const cleaned = await cleanCluster(params, signal);
  // What the servers cannot say while their pods are missing, the timers of the undo pods do.
  if ('why' in cleaned) await requireNoTimer(api, undoPods, cleaned.why);
  const changed = await Promise.all(marks(params).map((kind) => takeBackMarked(api, kind)));
  const taken = changed.flat();
  if ('why' in cleaned && taken.length === 0) throw new EnvironmentError(cleaned.why);
  const chaos = params.consent.includes('chaos') ? await removeChaos(api) : [];
  const jobs = await removeJobs(api).catch((error: unknown) => {
    // A file without `sites` asks for no right to Jobs.
    const isForbidden = error instanceof EnvironmentError && codeOf(error.cause) === 403;
    if (params.sites || !isForbidden) throw error;
    return [];
  });
  // After the Jobs, which would replace theirs.
  const pods = [...(await oursOf(api, 'helper')), ...undoPods];
  const removed = await Promise.all(
    pods.map(async ({ name, run }) => {
      await removePod(api, name);
      return `pod ${name} of run ${run}: removed`;
    }),
  );
  const said = 'why' in cleaned ? [`not looked at, so clean again later: ${cleaned.why}`] : cleaned;
  return [...said, ...taken, ...chaos, ...jobs, ...removed];
}

/** `why`: the pods are not those of the file now, as when a StatefulSet has no replicas. */
async function cleanCluster(
  params: KubernetesParams,
  signal: AbortSignal,
): Promise<readonly string[] | { readonly why: string }> {
  await using opened = new AsyncDisposableStack();
  let known: Awaited<ReturnType<typeof openPods>>;
  try {
    known = await openPods(params, { runId: ourselves }, opened);
  } catch (error) {
    if (error instanceof EnvironmentError) return { why: messageOf(error) };
    throw error;
  }
  return await cleanKnown({ ...known.resolved, machines: known.machines }, signal);
}

function marks({ consent, namespace }: KubernetesParams) {
  return [
    ...(consent.includes('host') ? [markedNodes] : []),
    ...(consent.includes('scale') ? [markedSets(namespace)] : []),
  ];
}

interface OurPod {
  readonly name: string;
  readonly run: string;
}

async function oursOf(api: Api, part: string): Promise<readonly OurPod[]> {
  const { core, namespace } = api;
  const labelSelector = `${helperLabel}=${part},${runLabel}!=${ourselves}`;
  const { items } = await ask(api, 'list', 'pods', () =>
    core.listNamespacedPod({ namespace, labelSelector }),
  );
  return items.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    run: metadata?.labels?.[runLabel] ?? 'unknown',
  }));
}

/** Errors: EnvironmentError where the harness of one is alive. */
async function requireNoTimer(api: Api, pods: readonly OurPod[], why: string): Promise<void> {
  const { config, namespace } = api;
  for (const { name, run } of pods) {
    const shell = podShell(config, { namespace, pod: name, container: 'undo' });
    const argv = ['sh', '-c', '[ ! -e "$1" ] || flock -n "$1" true', 'sh', undoMark];
    const { exitCode } = await shell.run(argv, { timeoutMs: 20_000 });
    if (exitCode === 0) continue;
    throw new EnvironmentError(`run ${run} is going on, so nothing was removed; and ${why}`);
  }
}
