import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { PhaseName, RunEvent } from '../contracts/evidence.ts';
import type { ClientPlace, ReplayOrigin, Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { converge } from './converge.ts';
import { messageOf } from '../std/errors.ts';
import { EventLog, type NewEvent } from '../evidence/events/event-log.ts';
import { observationsFolder } from '../evidence/observations/format.ts';
import { judge, type Judgement } from '../judge/judge.ts';
import type { LoadStats } from '../load/protocol.ts';
import { startLoad } from '../load/supervisor.ts';
import { startNemesis } from '../nemesis/nemesis.ts';
import { newRunFolder, newRunId, reportsFolder } from '../evidence/store/run-folders.ts';
import type { Registry } from '../contracts/registry.ts';
import { noteStandstills } from './note-standstills.ts';
import { asOurs } from './own-journal.ts';
import { readRunBack } from './read-back.ts';
import { dropData } from './drop-data.ts';
import { Explained } from './explained.ts';
import { ServerWatch } from './server-watch.ts';
import { readClusterSettings } from './read-settings.ts';
import { requireControls } from './require-controls.ts';
import { requireFolder } from './require-folder.ts';
import { seedCluster } from './seed.ts';
import { watchTopology } from './watch-topology.ts';
import { neededCapabilities } from '../scenario/plan/needed-capabilities.ts';
import { firstFailure } from '../std/wait.ts';
import { writeJudgement } from '../evidence/store/write-reports.ts';
import { writeWhole } from '../std/write-whole.ts';

export interface RunOptions {
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** Gets a cluster: boots one, or attaches to one. */
  openCluster(id: string, directory: string, signal: AbortSignal): Promise<Cluster>;
  /** Called with the written result while the cluster is still up. */
  readonly beforeTeardown?:
    ((outcome: Omit<RunOutcome, 'error'>, cluster: Cluster) => Promise<void>) | undefined;
  /** The command that runs the scenario again. */
  readonly reproduce: string;
  /** As in `Result`. */
  readonly overrides: readonly string[];
  readonly replayOf?: ReplayOrigin | undefined;
  /** The scenario's file, kept with the run. */
  readonly scenarioText?: string | undefined;
  /** The run's tables stay in a cluster that is not ours; in a lab they always do. */
  readonly keepsData?: boolean | undefined;
  log(line: string): void;
  /** Receives everything while it happens. */
  readonly watching?: RunWatching | undefined;
}

export interface RunWatching {
  event(event: NewEvent): void;
  progress(stats: LoadStats): void;
}

export interface RunOutcome {
  readonly directory: string;
  readonly result: Result;
  /** What ended the run early. There is a result all the same. */
  readonly error?: unknown;
}

/** Runs the phases in order. Whatever happens, the journaled writes are judged and the result is written. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const run = await Run.open(plan, options);
  const { signal } = options;
  let error: unknown;
  let cluster: Cluster | undefined;
  try {
    const booted = await run.phase('boot', () =>
      options.openCluster(run.id, run.directory, signal),
    );
    cluster = booted;
    await run.describeCluster(booted);
    await requireControls(booted, neededCapabilities(plan.scenario, options.registry.faults));
    await run.phase('seed', () => seedCluster(booted, plan, run.id, options.registry, signal));
    await run.keepSettings(booted);
    {
      const explained = new Explained(options.registry.faults, plan.scenario.faults);
      const servers = new ServerWatch(booted.nodes, explained, (event) => run.events.emit(event));
      await using _watcher = watchTopology(booted, {
        looked: (topology) => servers.looked(topology),
        topology: (topology) => run.events.emit({ type: 'topology', topology }),
        lag: (bytes) => run.events.emit({ type: 'lag', bytes }),
      });
      try {
        await run.loadWithFaults(booted, explained);
      } catch (caught) {
        // It did not go as planned; writes acknowledged until then have a fate all the same.
        signal.throwIfAborted();
        if (run.events.isRemoved) throw caught;
        error = caught;
        run.problem(messageOf(caught));
      }
      const convergence = await run.phase('converge', () =>
        converge(booted, plan.scenario.cluster.convergeMs, signal),
      );
      await run.phase('readBack', () =>
        readRunBack(booted, {
          runId: run.id,
          directory: run.directory,
          plan,
          convergence,
          signal,
          registry: options.registry,
        }),
      );
      await servers.end();
    }
  } catch (caught) {
    error = asOurs(caught);
    if (signal.aborted) run.interrupted();
    else run.problem(messageOf(caught));
  }
  let judgement: Judgement;
  try {
    run.requireFolder();
    // Before judging, which needs the logs: they say how nodes rejoined.
    if (cluster) await run.collectLogs(cluster);
    judgement = await run.judge();
    if (cluster && !signal.aborted) {
      const { result } = judgement;
      await options.beforeTeardown?.({ directory: run.directory, result }, cluster);
    }
  } finally {
    if (cluster) await run.teardown(cluster);
  }
  // Only now is the time of judging and of the teardown known.
  const { result, unwritten } = await run.complete(judgement);
  run.events.close();
  error ??= run.events.failure ?? unwritten;
  return { directory: run.directory, result, ...(error !== undefined && { error }) };
}

interface WrittenResult {
  readonly result: Result;
  readonly unwritten?: unknown;
}

function throwOurs(error: unknown): never {
  throw asOurs(error);
}

/** One run's folder and the files written to it during the run. */
class Run {
  readonly id: string;
  readonly directory: string;
  readonly events: EventLog;
  private readonly plan: Plan;
  private readonly options: RunOptions;
  private readonly startedAt: Date;
  private readonly originNs: bigint;
  private readonly problems = new Set<string>();

  private constructor(plan: Plan, options: RunOptions, directory: string, startedAt: Date) {
    this.plan = plan;
    this.options = options;
    this.directory = directory;
    this.startedAt = startedAt;
    this.id = newRunId(startedAt);
    this.originNs = process.hrtime.bigint();
    this.events = EventLog.create(path.join(directory, 'events.jsonl'), this.originNs, (event) =>
      options.watching?.event(event),
    );
  }

  static async open(plan: Plan, options: RunOptions): Promise<Run> {
    const startedAt = new Date();
    const directory = await newRunFolder(plan.scenario.name, startedAt);
    await writeWhole(path.join(directory, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    if (options.scenarioText !== undefined) {
      await writeWhole(path.join(directory, 'scenario.yaml'), options.scenarioText);
    }
    const run = new Run(plan, options, directory, startedAt);
    run.announce({});
    return run;
  }

  /** Stores the record too: a process that heals or reads after this one died must find the cluster. */
  async describeCluster(cluster: Cluster): Promise<void> {
    const record = JSON.stringify(cluster.record ?? null, null, 2);
    if (cluster.record) await writeWhole(path.join(this.directory, 'lab.json'), `${record}\n`);
    const { site: name } = this.plan.scenario.load;
    const site = cluster.sites.find((candidate) => candidate.name === name);
    this.announce({ ...cluster.versions }, site && { site: name, where: site.description });
  }

  /** Reads what the cluster's settings promise, before the load tests it. */
  async keepSettings(cluster: Cluster): Promise<void> {
    const { plan, options, directory } = this;
    const found = await readClusterSettings(cluster, plan.scenario.cluster, options.signal);
    const text = `${JSON.stringify(found, null, 2)}\n`;
    await writeWhole(path.join(directory, 'settings.json'), text);
  }

  problem(what: string): void {
    // Two sources may report the same problem.
    if (this.problems.has(what)) return;
    this.problems.add(what);
    this.events.emit({ type: 'problem', what });
  }

  interrupted(): void {
    this.events.emit({ type: 'problem', what: 'the run was interrupted', isInterruption: true });
  }

  async phase<T>(phase: PhaseName, work: () => Promise<T>): Promise<T> {
    this.options.log(phase);
    this.events.emit({ type: 'phase', phase, edge: 'begin' });
    try {
      return await work();
    } finally {
      this.events.emit({ type: 'phase', phase, edge: 'end' });
    }
  }

  /** Runs load and faults together, then heals everything still in force, whatever the outcome of either. */
  async loadWithFaults(cluster: Cluster, explained: Explained): Promise<void> {
    const { plan, options, events } = this;
    const { registry, signal } = options;
    // If the cluster outlives this process, so would a fault.
    const isHarmed = plan.scenario.faults.length > 0;
    await using guard = isHarmed ? await cluster.guard?.(this.id) : undefined;
    await using load = await startLoad({
      cluster,
      plan,
      registry,
      runId: this.id,
      signal,
      journalDirectory: path.join(this.directory, 'journal'),
      observationsDirectory: path.join(this.directory, observationsFolder),
      onProgress: (stats) => options.watching?.progress(stats),
      onReach: (change) => events.emit({ type: 'reach', ...change }),
      onHold: (isHeld) => events.emit({ type: 'load', edge: isHeld ? 'held' : 'resumed' }),
    });
    const loadStartMs = Number(load.originNs / 1000n) / 1000;
    await using nemesis = startNemesis({
      cluster,
      load,
      steps: plan.scenario.faults,
      faults: registry.faults,
      seed: plan.seed,
      loadStartMs,
      signal,
      emit: (event) => {
        explained.note(event);
        events.emit(event);
      },
    });
    events.emit({ type: 'load', edge: 'begin', originNs: String(load.originNs) });
    const standstills = noteStandstills(loadStartMs, (what) => this.problem(what));
    try {
      await this.phase('load', () =>
        firstFailure(load.done, [nemesis.done, guard?.lost, events.failed], signal),
      );
    } finally {
      await load.stop();
      standstills[Symbol.dispose]();
      events.emit({ type: 'load', edge: 'end' });
      const failures = await this.phase('heal', () => nemesis.heal());
      const healedByOthers = (await guard?.release()) ?? [];
      for (const problem of [...failures, ...healedByOthers]) this.problem(problem);
    }
  }

  requireFolder(): void {
    requireFolder(this.events, this.problems);
  }

  judge(): Promise<Judgement> {
    return this.phase('judge', async () => {
      const { directory, options } = this;
      this.requireFolder();
      const judging = judge(directory, options.registry, this.unwrittenEvents());
      const judgement = await judging.catch(throwOurs);
      await this.writeResult(judgement);
      return judgement;
    });
  }

  /** With the events since the judgement; what was written is judged once. */
  async complete(judgement: Judgement): Promise<WrittenResult> {
    this.requireFolder();
    const again = judgement.again(this.unwrittenEvents());
    return this.writeResult(await again.catch(throwOurs));
  }

  /** Events known in spite of a full disk prove nothing: they are in no file. */
  private unwrittenEvents(): readonly RunEvent[] {
    const { events } = this;
    if (events.failure) this.problem(events.failure.message);
    return events.unwritten;
  }

  /** With a full disk the result is shown all the same, together with why it is in no file. */
  private async writeResult(judgement: Judgement): Promise<WrittenResult> {
    const { directory, options } = this;
    const { result } = judgement;
    try {
      await writeJudgement(directory, judgement, options.registry);
      return { result };
    } catch (unwritten) {
      return { result, unwritten };
    }
  }

  async collectLogs(cluster: Cluster): Promise<void> {
    await cluster
      .collectLogs(path.join(this.directory, 'logs'))
      .catch((error: unknown) => this.problem(`logs are missing: ${messageOf(error)}`));
  }

  async teardown(cluster: Cluster): Promise<void> {
    await this.phase('teardown', async () => {
      if (cluster.foreign && !this.options.keepsData) {
        const left = await dropData(cluster, this.id);
        if (left !== undefined) this.options.log(left);
      }
      await cluster[Symbol.asyncDispose]();
    });
  }

  private announce(versions: Readonly<Record<string, string>>, clients?: ClientPlace): void {
    const { reproduce, overrides, replayOf } = this.options;
    const folder = path.relative(reportsFolder(), this.directory);
    this.events.emit({
      type: 'run',
      schemaVersion: 1,
      runId: this.id,
      startedAt: this.startedAt.toISOString(),
      originNs: String(this.originNs),
      versions,
      reproduce,
      overrides,
      folder,
      ...(replayOf && { replayOf }),
      ...(clients && { clients }),
    });
  }
}
