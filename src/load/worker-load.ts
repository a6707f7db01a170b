import { setTimeout as sleep } from 'node:timers/promises';
import { groupsOfLoad } from '../scenario/words/groups.ts';
import { JournalWriter } from '../evidence/journal/writer.ts';
import { clientReadsOf } from './client-reads-of.ts';
import { journalHeader } from './journal-header.ts';
import { clientStatsOf } from './client-stats.ts';
import { LoadClock } from './clock.ts';
import type { FrameOutput } from './frame-output.ts';
import { loadWork, type WriterWork } from './group-work.ts';
import { LoadClient } from './load-client.ts';
import { watchReach, type ReachChange } from './reachability.ts';
import { Observing } from './observing.ts';
import type { Member } from './member.ts';
import type { FromWorker, LoadStats, WorkerSpec } from './protocol.ts';
import { writerOf } from './writer-of.ts';
import { ReadClient } from './read-client.ts';
import { RouteGroups } from './route-groups.ts';
import { retryingOf } from './retrying.ts';
import { thinkingOf } from './think.ts';
import { warmUp } from './warm-up.ts';
import { Tally } from './tally.ts';

const progressEveryMs = 250;
/** Precision of the deadlines; the same timer measures how late the process runs its timers. */
const sweepEveryMs = 20;
const waitingEveryMs = 500;

type WorkOf = (writer: number) => WriterWork;
/** No writer's number: the load's own workload. */
const allClients = -1;

/** One worker's share of the load: its connections, its journal, its part of the schedule. */
export class WorkerLoad {
  readonly #spec: WorkerSpec;
  readonly #tell: (message: FromWorker) => void;
  readonly #output: Pick<FrameOutput, 'sink'>;
  readonly #tally = new Tally();
  readonly #over = new AbortController();
  readonly #groups: RouteGroups;
  readonly #clients: readonly (LoadClient | ReadClient)[];
  readonly #workOf: WorkOf;
  readonly #observing: Observing | undefined;
  /** How far the names of its writers are from their numbers in the schedule. */
  readonly #renumbered: number;
  /** Aborted at the end of the load, however it ends. */
  readonly #ended = new AbortController();
  readonly #begun = Promise.withResolvers<undefined>();
  #journal: JournalWriter | undefined;
  #isStopped = false;

  /** Resolves when every connection is open. */
  static async prepare(
    spec: WorkerSpec,
    tell: (message: FromWorker) => void,
    output: Pick<FrameOutput, 'sink'>,
  ): Promise<WorkerLoad> {
    const workOf = await loadWork(spec);
    const load = new WorkerLoad(spec, workOf, { tell, output });
    const waiting = setInterval(
      () => tell({ type: 'waiting', because: load.#groups.describe() }),
      waitingEveryMs,
    );
    try {
      await Promise.all(load.#clients.map((client) => client.connect()));
      await warmUp(load.#clients, workOf, spec);
    } finally {
      clearInterval(waiting);
    }
    return load;
  }

  private constructor(
    spec: WorkerSpec,
    workOf: WorkOf,
    { tell, output }: { tell: (message: FromWorker) => void; output: Pick<FrameOutput, 'sink'> },
  ) {
    this.#spec = spec;
    this.#renumbered = (spec.instead?.firstIdentity ?? spec.firstWriter) - spec.firstWriter;
    this.#tell = tell;
    this.#output = output;
    this.#workOf = workOf;
    this.#groups = new RouteGroups(spec, this.#over.signal);
    this.#observing = Observing.of(spec, workOf(allClients).workload, {
      signal: AbortSignal.any([this.#over.signal, this.#ended.signal]),
      sink: output.sink('observations'),
    });
    const observing = this.#observing;
    this.#clients = Array.from({ length: spec.writers }, (_, index) => {
      const number = spec.firstWriter + index;
      const { workload, spec: own } = workOf(number);
      const { signal } = this.#ended;
      const seen = observing && { log: observing.log, times: observing.times };
      const reads = seen && clientReadsOf(number, own, { workload, ...seen, signal });
      if (reads?.isAlone) return new ReadClient(number, reads);
      const identity = number + this.#renumbered;
      const writer = writerOf(workload, own, identity);
      return new LoadClient(identity, writer, this.#groups.toolsOf(number), reads);
    });
  }

  /** Drives the load to its end and closes the journal. Errors: EnvironmentError when it cannot be written. */
  async run(originNs: bigint): Promise<LoadStats> {
    const { load, isHome, isTracked, context } = this.#spec;
    const clock = new LoadClock(originNs);
    this.#journal = isTracked ? this.#openJournal(originNs) : undefined;
    await untilOrigin(clock);
    this.#tell({ type: 'begun', lateUs: clock.nowUs() });
    this.#groups.begin(clock);
    this.#begun.resolve(undefined);
    if (this.#isStopped) this.#groups.end();
    const timers = this.#startTimers(clock, load.durationMs);
    const beside = [
      this.#observing?.run(clock) ?? Promise.resolve(),
      isHome ? this.#watchReach(this.#ended.signal) : Promise.resolve(),
    ];
    const [tally, journal] = [this.#tally, this.#journal];
    // A read must not overtake the writes of its own session.
    const pipeline = load.clientReads ? 1 : (load.pipeline ?? 1);
    const tools = { clock, tally, journal, pipeline, deadlineUs: load.deadlineMs * 1000 };
    try {
      await Promise.all(
        this.#clients.map((client) =>
          this.#untilOver(
            client.run({
              ...tools,
              gate: this.#groups.gateOf(client.number - this.#renumbered),
              retry: retryingOf(load.retry, {
                seed: context.seed,
                writer: client.number,
                over: this.#over.signal,
              }),
              think: thinkingOf(this.#workOf(client.number - this.#renumbered).spec.load.think, {
                seed: context.seed,
                writer: client.number,
                over: this.#over.signal,
              }),
            }),
            client,
          ),
        ),
      );
    } finally {
      for (const timer of timers) clearInterval(timer);
      this.#ended.abort();
    }
    await Promise.all(beside);
    await this.close();
    return this.#stats();
  }

  /** Members by their order in the spec. What is connected stays; all who connect hold these very endpoints. */
  move(members: readonly Member[]): void {
    members.forEach(({ endpoint }, index) => {
      const known = this.#spec.members[index];
      if (known) Object.assign(known.endpoint, endpoint);
    });
  }

  /** No new operations; `run` resolves when those in progress have an outcome. */
  stop(): void {
    this.#isStopped = true;
    this.#groups.end();
    this.#over.abort(new Error('the load is over'));
  }

  /** Resolves when nothing is in progress and nothing starts any more. */
  async hold(): Promise<LoadStats> {
    await this.#begun.promise;
    await Promise.all([this.#groups.hold(), this.#observing?.hold()]);
    return this.#stats();
  }

  /** While held: resolves when this many operations have their outcome. */
  async allow(operations: number): Promise<LoadStats> {
    await this.#begun.promise;
    await this.#groups.allow(operations);
    return this.#stats();
  }

  resume(): void {
    this.#groups.resume();
    this.#observing?.resume();
  }

  async flush(): Promise<void> {
    await Promise.all([this.#journal?.flush(), this.#observing?.flush()]);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.#journal?.close();
  }

  #openJournal(originNs: bigint): JournalWriter {
    return new JournalWriter(this.#output.sink('journal'), journalHeader(this.#spec, originNs));
  }

  /** Does not wait for a connection that is still looking for a primary when the load ends. */
  async #untilOver(work: Promise<void>, client: Pick<LoadClient, 'isBusy'>): Promise<void> {
    const { signal } = this.#over;
    const over = new Promise<void>((resolve) => {
      const check = () => {
        if (!client.isBusy) resolve();
      };
      if (signal.aborted) check();
      signal.addEventListener('abort', check, { once: true });
    });
    const working = work.catch((error: unknown) => {
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    await Promise.race([working, over]);
  }

  /** Ends with the load: nothing is sent to the cluster's addresses afterwards. */
  #watchReach(ended: AbortSignal): Promise<void> {
    const tell = (change: ReachChange) => this.#tell({ type: 'reach', change });
    return watchReach(this.#spec.members, tell, AbortSignal.any([this.#over.signal, ended]));
  }

  #startTimers(clock: LoadClock, durationMs: number): readonly NodeJS.Timeout[] {
    let lastMs = performance.now();
    const sweep = setInterval(() => {
      const nowMs = performance.now();
      this.#tally.noteLoopDelay(nowMs - lastMs - sweepEveryMs);
      lastMs = nowMs;
      const nowUs = clock.nowUs();
      for (const client of this.#clients) client.expire(nowUs);
    }, sweepEveryMs);
    const progress = setInterval(
      () => this.#tell({ type: 'progress', stats: this.#stats() }),
      progressEveryMs,
    );
    const end = setTimeout(() => this.stop(), durationMs - clock.nowUs() / 1000);
    return [sweep, progress, end];
  }

  #stats(): LoadStats {
    return this.#tally.stats(
      clientStatsOf(this.#clients, {
        groups: groupsOfLoad(this.#spec.load),
        isRetrying: this.#spec.load.retry !== undefined,
        overdue: (group) => this.#groups.overdue(group),
      }),
    );
  }
}

/** A timer may fire up to a millisecond early; nothing may be sent before the load begins. */
async function untilOrigin(clock: LoadClock): Promise<void> {
  for (let restUs = -clock.nowUs(); restUs > 0; restUs = -clock.nowUs()) {
    await sleep(Math.ceil(restUs / 1000));
  }
}
