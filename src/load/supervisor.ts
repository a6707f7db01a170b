import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { LoadControl } from '../contracts/fault.ts';
import type { Registry } from '../contracts/registry.ts';
import type { LoadSpec, Plan } from '../contracts/scenario.ts';
import type { Figures } from '../contracts/figures.ts';
import { observationsFolder } from '../evidence/observations/format.ts';
import { ClusterError, HarnessBug } from '../std/errors.ts';
import { afterRunning } from '../std/standstill.ts';
import { type ClockOffset, sameClock } from './clock-offset.ts';
import { Crew, type Spread, spreadOf, type WorkerChange } from './crew.ts';
import { FiguresFeed } from './figures-feed.ts';
import { Hold } from './hold.ts';
import type { ReachChange } from './reachability.ts';
import { addStats, noStats, type LoadStats, type WorkerSpec } from './protocol.ts';
import { WorkerProcess } from './worker-process.ts';
import { identitiesOf } from '../routes/identity.ts';
import { hidesNodes } from './worker-routes.ts';
import { groupsOfLoad, mostRowsOf } from '../scenario/words/groups.ts';
import { hasReads } from '../std/units/client-reads.ts';
import { siteOf, specsOf } from './worker-specs.ts';

export interface LoadOptions {
  readonly cluster: Pick<Cluster, 'nodes' | 'sites' | 'credentials' | 'routes'>;
  readonly plan: Plan;
  readonly registry: Pick<Registry, 'workloadUrls'>;
  readonly runId: string;
  /** Folder for the journals, one per worker. */
  readonly journalDirectory: string;
  /** Folder for what readers see, one file per worker; default: below the journals. */
  readonly observationsDirectory?: string;
  /** Aborting it ends the load like `stop`. */
  readonly signal: AbortSignal;
  readonly onProgress?: (stats: LoadStats) => void;
  /** Called with the journal's bytes of one worker as they come in; each worker has a listener of its own. */
  readonly journalListener?: (() => (bytes: Buffer) => void) | undefined;
  /** Called with each second of the load, shortly after it is over. */
  readonly onFigures?: ((figures: Figures) => void) | undefined;
  /** Called before the last operation ends, and before the first one starts again. */
  readonly onHold?: (isHeld: boolean) => void;
  /** Called with each node's answer at the clients' site, whenever it changes. */
  readonly onReach?: (change: ReachChange) => void;
  /** Called when workers of a site that replaces them are lost, replaced, or not replaced. */
  readonly onWorker?: (change: WorkerChange) => void;
  /** Called once all workers have begun. */
  readonly onBegun?: (spread: Spread) => void;
  /** Called with the offset of a worker's clock, if it has to be measured. */
  readonly onClock?: (worker: number, offset: ClockOffset) => void;
  /** False: no journals. Only for measuring their cost. */
  readonly isTracked?: boolean;
  readonly readyTimeoutMs?: number;
}

export interface Load extends AsyncDisposable, LoadControl {
  /** The start of the load on CLOCK_MONOTONIC, nanoseconds. */
  readonly originNs: bigint;
  /**
   * Resolves when the load is over and every journal is closed. Rejects when a worker failed (HarnessBug, or
   * EnvironmentError where a journal could not be written); the other journals are closed then all the same.
   */
  readonly done: Promise<void>;
  /** Counted over all workers, at most 250 ms old; final once `done` has settled. */
  readonly stats: LoadStats;
  /** No new operations; resolves when those in progress have an outcome and the journals are closed. Never rejects. */
  stop(): Promise<void>;
}

const startDelayMs = 50;
const defaultReadyTimeoutMs = 30_000;
/** Each login costs the server a process; a busy machine takes this long. */
const readyPerClientMs = 100;
/** Beyond the deadline of the operations in progress: sweep, last flush, exit. */
const drainGraceMs = 5_000;
const killGraceMs = 2_000;
const progressEveryMs = 250;
const clockEveryMs = 10_000;
const addressesEveryMs = 250;

/**
 * Starts the load's worker processes on their client site and resolves when all connections are made and the origin
 * is set, shortly ahead.
 * Errors: ClusterError when no member takes writes in time; HarnessBug or EnvironmentError when a worker fails.
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { plan, journalDirectory } = options;
  await mkdir(journalDirectory, { recursive: true });
  if (hasReads(plan.scenario.load)) await mkdir(observationsOf(options), { recursive: true });
  const feed = new FiguresFeed(options.onFigures, {
    groups: groupsOfLoad(plan.scenario.load),
    reads: hasReads(plan.scenario.load),
  });
  const workers = await openWorkers(options, feed);
  try {
    await untilReady(workers, options);
    const offsets = await Promise.all(workers.map((worker) => worker.clockOffset()));
    const originNs = process.hrtime.bigint() + BigInt(startDelayMs) * 1_000_000n;
    workers.forEach((worker, index) => worker.start(originNs, offsets[index] ?? sameClock));
    const load = new RunningLoad(workers, originNs, { ...options, feed });
    feed.start(originNs, () => load.stats);
    // What fails a worker fails the load, which says so.
    void spreadOf(workers, offsets).then(options.onBegun, () => undefined);
    return load;
  } catch (error) {
    await killAll(workers);
    throw error;
  }
}

/** Errors: EnvironmentError when one cannot be started; those already started are ended first. */
async function openWorkers(
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

interface LoadUnderWay extends LoadOptions {
  readonly feed: FiguresFeed;
}

/** Errors: EnvironmentError when it cannot be started. */
function openWorker(spec: WorkerSpec, options: LoadUnderWay): Promise<WorkerProcess> {
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

/**
 * New writers can take over: nothing in the load goes by the number of a writer, and none has a share of the operations that
 * only the lost one knew.
 */
function canReplace({ operations, readers, clientReads, groups, routes }: LoadSpec): boolean {
  const isPlain = groups === undefined && (routes === undefined || routes.length === 1);
  return isPlain && operations === undefined && readers === undefined && clientReads === undefined;
}

class RunningLoad implements Load {
  readonly originNs: bigint;
  readonly done: Promise<void>;
  readonly #crew: Crew;
  readonly #longestMs: number;
  readonly #deadlineMs: number;
  readonly #onAbort = () => void this.stop();
  readonly #hold: Hold;
  readonly #options: LoadUnderWay;
  #addresses: string;

  constructor(workers: readonly WorkerProcess[], originNs: bigint, options: LoadUnderWay) {
    const { durationMs, deadlineMs } = options.plan.scenario.load;
    this.originNs = originNs;
    this.#options = options;
    this.#addresses = options.cluster.nodes.map(({ endpoint }) => endpoint.host).join(' ');
    const { load } = options.plan.scenario;
    this.#crew = new Crew(workers, {
      originNs,
      replaces: canReplace(load),
      writers: load.clients,
      open: (spec) => openWorker(spec, options),
      onChange: (change) => options.onWorker?.(change),
      onJoin: (worker) => this.#hold.join(worker),
    });
    this.#hold = new Hold(this.#crew.all, options.onHold);
    this.#deadlineMs = deadlineMs;
    this.#longestMs = startDelayMs + durationMs + deadlineMs + drainGraceMs;
    this.done = this.#watch();
    this.done.catch(() => undefined);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  get stats(): LoadStats {
    return this.#crew.all.map((worker) => worker.stats).reduce(addStats, noStats);
  }

  get acknowledged(): number {
    return this.stats.rows;
  }

  get batch(): number {
    return mostRowsOf(this.#options.plan.scenario.load);
  }

  hold(signal: AbortSignal): Promise<void> {
    return this.#hold.hold(signal);
  }

  allow(operations: number, signal: AbortSignal): Promise<number> {
    return this.#hold.allow(operations, signal);
  }

  resume(): Promise<void> {
    return this.#hold.resume();
  }

  async stop(): Promise<void> {
    this.#crew.end();
    for (const worker of this.#crew.all) worker.stop();
    await this.#settle(this.#deadlineMs + drainGraceMs).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#crew.end();
    await killAll(this.#crew.all);
  }

  async #watch(): Promise<void> {
    const { onProgress, plan } = this.#options;
    // A worker that came later than this would have nothing to do.
    const last = setTimeout(() => this.#crew.end(), startDelayMs + plan.scenario.load.durationMs);
    const timer = onProgress && setInterval(() => onProgress(this.stats), progressEveryMs);
    const clock = setInterval(() => void this.#lookAtClocks(), clockEveryMs);
    void this.#lookAtClocks();
    const addresses = setInterval(() => this.#followAddresses(), addressesEveryMs);
    try {
      await within(this.#crew.done, this.#longestMs, 'load workers did not end in time');
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(last);
      clearInterval(timer);
      clearInterval(clock);
      clearInterval(addresses);
      this.#options.feed[Symbol.dispose]();
      onProgress?.(this.stats);
    }
  }

  /** A pod comes back with another address. */
  #followAddresses(): void {
    const members = this.#options.cluster.nodes.map(({ name, endpoint }) => ({ name, endpoint }));
    const addresses = members.map(({ endpoint }) => endpoint.host).join(' ');
    if (addresses === this.#addresses) return;
    this.#addresses = addresses;
    for (const worker of this.#crew.all) worker.move(members);
  }

  async #lookAtClocks(): Promise<void> {
    const { onClock } = this.#options;
    if (!onClock) return;
    await Promise.all(
      this.#crew.all.map(async (worker) => {
        // A worker that has ended meanwhile reports nothing more.
        const offset = await worker.clockOffset().catch(() => sameClock);
        if (offset.errorNs > 0n) onClock(worker.number, offset);
      }),
    );
  }

  async #settle(timeoutMs: number): Promise<void> {
    const settled = Promise.allSettled(this.#crew.all.map((worker) => worker.done));
    await within(settled, timeoutMs, 'load workers did not drain in time');
  }
}

async function untilReady(workers: readonly WorkerProcess[], options: LoadOptions): Promise<void> {
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

function observationsOf({ observationsDirectory, journalDirectory }: LoadOptions): string {
  return observationsDirectory ?? path.join(journalDirectory, observationsFolder);
}

async function killAll(workers: readonly WorkerProcess[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.kill(killGraceMs)));
}

async function within<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  // After Ctrl-Z and fg it is we who are late: what the workers said meanwhile is not read yet.
  using _timer = afterRunning(timeoutMs, () => {
    late.reject(new HarnessBug(`${what}: ${timeoutMs} ms`));
  });
  return await Promise.race([work, late.promise]);
}
