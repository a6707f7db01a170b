import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { PhaseName, RunEvent } from '../contracts/evidence.ts';
import type { ClientPlace, Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { EventLog } from '../evidence/events/event-log.ts';
import { newRunFolder, newRunId, reportsFolder } from '../evidence/store/run-folders.ts';
import { writeJudgement } from '../evidence/store/write-reports.ts';
import { judge, type Judgement } from '../judge/judge.ts';
import { messageOf } from '../std/errors.ts';
import { writeWhole } from '../std/write-whole.ts';
import { withoutFolder } from '../std/without-folder.ts';
import { dropDownstream } from './downstream/foreign.ts';
import { dropData } from './drop-data.ts';
import { asOurs } from './own-journal.ts';
import { readClusterSettings } from './read-settings.ts';
import { requireFolder } from './require-folder.ts';
import type { RunOptions } from './run-options.ts';

/** One run's folder and the files written to it during the run. */
export class RunFolder {
  readonly id: string;
  readonly directory: string;
  readonly events: EventLog;
  readonly plan: Plan;
  readonly options: RunOptions;
  /** Writers of workers that came in the place of lost ones. */
  moreWriters = 0;
  /** On `monotonicMs`; undefined before there is a load. */
  loadStartMs: number | undefined;
  readonly #startedAt: Date;
  readonly #originNs: bigint;
  readonly #problems = new Set<string>();

  private constructor(plan: Plan, options: RunOptions, directory: string, startedAt: Date) {
    this.plan = plan;
    this.options = options;
    this.directory = directory;
    this.#startedAt = startedAt;
    this.id = newRunId(startedAt);
    this.#originNs = process.hrtime.bigint();
    this.events = EventLog.create(path.join(directory, 'events.jsonl'), this.#originNs, (event) =>
      options.watching?.event(event),
    );
  }

  static async open(plan: Plan, options: RunOptions): Promise<RunFolder> {
    const startedAt = new Date();
    const directory = await newRunFolder(plan.scenario.name, startedAt);
    await writeWhole(path.join(directory, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    if (options.scenarioText !== undefined) {
      await writeWhole(path.join(directory, 'scenario.yaml'), options.scenarioText);
    }
    const run = new RunFolder(plan, options, directory, startedAt);
    run.#announce({});
    return run;
  }

  /** Stores the record too: a process that heals or reads after this one died must find the cluster. */
  async describeCluster(cluster: Cluster): Promise<void> {
    const record = JSON.stringify(cluster.record ?? null, null, 2);
    if (cluster.record) await writeWhole(path.join(this.directory, 'lab.json'), `${record}\n`);
    const { site: name } = this.plan.scenario.load;
    const site = cluster.sites.find((candidate) => candidate.name === name);
    const clients = site && { site: name, where: site.description };
    this.#announce({ ...cluster.versions }, { clients, routes: cluster.routes });
    // Its backend has printed them.
    for (const what of cluster.notes ?? [])
      this.events.emit({ type: 'note', what: withoutFolder(what, this.directory) });
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
    if (this.#problems.has(what)) return;
    this.#problems.add(what);
    this.events.emit({ type: 'problem', what: withoutFolder(what, this.directory) });
  }

  /** What a reader of the report must know, and what obstructs no judgement. */
  note(what: string): void {
    this.options.log(what);
    this.events.emit({ type: 'note', what: withoutFolder(what, this.directory) });
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

  requireFolder(): void {
    requireFolder(this.events, this.#problems);
  }

  judge(): Promise<Judgement> {
    return this.phase('judge', async () => {
      const { directory, options } = this;
      this.requireFolder();
      const judging = judge(directory, options.registry, {
        unwritten: this.#unwrittenEvents(),
      });
      const judgement = await judging.catch(throwOurs);
      await this.#writeResult(judgement);
      return judgement;
    });
  }

  /** With the events since the judgement; what was written is judged once. */
  async complete(judgement: Judgement): Promise<WrittenResult> {
    this.requireFolder();
    const again = judgement.again(this.#unwrittenEvents());
    return this.#writeResult(await again.catch(throwOurs));
  }

  /** Events known in spite of a full disk prove nothing: they are in no file. */
  #unwrittenEvents(): readonly RunEvent[] {
    const { events } = this;
    if (events.failure) this.problem(events.failure.message);
    return events.unwritten;
  }

  /** With a full disk the result is shown all the same, together with why it is in no file. */
  async #writeResult(judgement: Judgement): Promise<WrittenResult> {
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
      if (cluster.foreign) {
        const slots = await dropDownstream(cluster, this.id, this.plan.scenario);
        for (const left of slots) this.options.log(left);
      }
      if (cluster.foreign && !this.options.keepsData) {
        const left = await dropData(cluster, this.id, this.plan.scenario);
        if (left !== undefined) this.options.log(left);
      }
      await cluster[Symbol.asyncDispose]();
    });
  }

  #announce(
    versions: Readonly<Record<string, string>>,
    { clients, routes }: { clients?: ClientPlace | undefined; routes?: Cluster['routes'] } = {},
  ): void {
    const { reproduce, overrides, replayOf } = this.options;
    const folder = path.relative(reportsFolder(), this.directory);
    this.events.emit({
      type: 'run',
      schemaVersion: 1,
      runId: this.id,
      startedAt: this.#startedAt.toISOString(),
      originNs: String(this.#originNs),
      versions,
      reproduce,
      overrides,
      folder,
      ...(replayOf && { replayOf }),
      ...(clients && { clients }),
      ...(routes && {
        routes: routes.map(({ route, what, notes }) => ({ route, what, notes })),
      }),
    });
  }
}

interface WrittenResult {
  readonly result: Result;
  readonly unwritten?: unknown;
}

function throwOurs(error: unknown): never {
  throw asOurs(error);
}
