import { mkdir } from 'node:fs/promises';
import type { LoadSpec } from '../contracts/scenario.ts';
import { HarnessBug } from '../std/errors.ts';
import { afterRunning } from '../std/standstill.ts';
import { sameClock } from './clock-offset.ts';
import { Crew, spreadOf } from './crew.ts';
import { FiguresFeed } from './figures-feed.ts';
import { Hold } from './hold.ts';
import type { Load, LoadOptions, LoadUnderWay } from './load.ts';
import { killAll, observationsOf, openWorker, openWorkers, untilReady } from './open-workers.ts';
import { addStats, noStats, type LoadStats } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';
import { groupsOfLoad, mostRowsOf } from '../scenario/words/groups.ts';
import { hasReads } from '../std/units/client-reads.ts';
import { membersOf } from './worker-specs.ts';

const startDelayMs = 50;
/** Beyond the deadline of the operations in progress: sweep, last flush, exit. */
const drainGraceMs = 5_000;
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
      onJoin: (worker) => {
        // Addresses that changed while it made ready.
        worker.move(membersOf(options.cluster));
        this.#hold.join(worker);
      },
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
    const members = membersOf(this.#options.cluster);
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

async function within<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  // After Ctrl-Z and fg it is we who are late: what the workers said meanwhile is not read yet.
  using _timer = afterRunning(timeoutMs, () => {
    late.reject(new HarnessBug(`${what}: ${timeoutMs} ms`));
  });
  return await Promise.race([work, late.promise]);
}
