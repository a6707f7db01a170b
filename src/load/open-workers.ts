import path from 'node:path';
import { observationsFolder } from '../evidence/observations/format.ts';
import { identitiesOf } from '../routes/identity.ts';
import { ClusterError } from '../std/errors.ts';
import type { FiguresFeed } from './figures-feed.ts';
import type { LoadOptions, LoadUnderWay } from './load.ts';
import type { WorkerSpec } from './protocol.ts';
import { WorkerProcess } from './worker-process.ts';
import { hidesNodes } from './worker-routes.ts';
import { siteOf, specsOf } from './worker-specs.ts';

const defaultReadyTimeoutMs = 30_000;
/** Each login costs the server a process; a busy machine takes this long. */
const readyPerClientMs = 100;
const killGraceMs = 2_000;

/** Errors: EnvironmentError when one cannot be started; those already started are ended first. */
export async function openWorkers(
  options: LoadOptions,
  feed: FiguresFeed,
): Promise<readonly WorkerProcess[]> {
  const { nodes, credentials } = options.cluster;
  const isHidden = hidesNodes(options.plan.scenario.load);
  const identities = isHidden ? await identitiesOf(nodes, credentials) : {};
  const opened = await Promise.allSettled(
    specsOf({ ...options, identities }).map((spec) => openWorker(spec, { ...options, feed })),
  );
  const workers = opened.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const failed = opened.find((one) => one.status === 'rejected');
  if (!failed) return workers;
  await killAll(workers);
  throw failed.reason;
}

/** Errors: EnvironmentError when it cannot be started. */
export function openWorker(spec: WorkerSpec, options: LoadUnderWay): Promise<WorkerProcess> {
  const { feed, journalDirectory, onReach } = options;
  const site = siteOf(options.cluster.sites, spec.site);
  const number = spec.instead?.worker ?? spec.worker;
  const listeners = [feed.listener(), options.journalListener?.()];
  return WorkerProcess.open({
    site,
    spec,
    journalPath: path.resolve(journalDirectory, `${number}.bin`),
    observationsPath: path.resolve(observationsOf(options), `${number}.jsonl`),
    onReach,
    onJournal: (bytes) => listeners.forEach((listen) => listen?.(bytes)),
    onObservations: feed.observationsListener(),
    mayBeLost: site.replaces === true,
  });
}

/** Errors: ClusterError when no member takes writes in time; those of a worker that fails; the signal's reason. */
export async function untilReady(
  workers: readonly WorkerProcess[],
  options: LoadOptions,
): Promise<void> {
  const { clients } = options.plan.scenario.load;
  const timeoutMs = options.readyTimeoutMs ?? defaultReadyTimeoutMs + clients * readyPerClientMs;
  const interrupted = Promise.withResolvers<never>();
  const abort = () => interrupted.reject(options.signal.reason);
  options.signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => {
    const because = [...new Set(workers.map((worker) => worker.waitingFor))].join('; ');
    interrupted.reject(
      new ClusterError(`the load found no writable member in ${timeoutMs} ms: ${because}`),
    );
  }, timeoutMs);
  try {
    options.signal.throwIfAborted();
    const ready = Promise.all(workers.map((worker) => worker.ready));
    await Promise.race([ready, interrupted.promise]);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
  }
}

export function observationsOf({ observationsDirectory, journalDirectory }: LoadOptions): string {
  return observationsDirectory ?? path.join(journalDirectory, observationsFolder);
}

export async function killAll(workers: readonly WorkerProcess[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.kill(killGraceMs)));
}
