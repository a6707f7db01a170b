import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { converge, type Convergence } from '../run/converge.ts';
import { ClusterError, HarnessBug } from '../std/errors.ts';
import { EventLog } from '../evidence/events/event-log.ts';
import { judgeRun } from '../judge/judge.ts';
import type { Load } from '../load/load.ts';
import { startLoad } from '../load/supervisor.ts';
import { newRunFolder, newRunId } from '../evidence/store/run-folders.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { readRunBack } from '../run/read-back.ts';
import { seedCluster } from '../run/seed.ts';
import { tracked } from '../load/tracked.ts';
import { schemaOf } from '../load/workload-context.ts';

const convergeMs = 30_000;
const queryTimeoutMs = 60_000;

/** A run on a live cluster that can be read and judged repeatedly, with the code of every other run. */
export class StagedRun implements AsyncDisposable {
  readonly runId: string;
  readonly directory: string;
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** On the primary. */
  readonly session: Session;
  readonly primary: string;
  readonly #registry: Registry;
  readonly #signal: AbortSignal;

  private constructor(open: OpenRun, session: Session, primary: string) {
    this.runId = open.runId;
    this.directory = open.directory;
    this.cluster = open.cluster;
    this.plan = open.plan;
    this.#registry = open.registry;
    this.#signal = open.signal;
    this.session = session;
    this.primary = primary;
  }

  /** Makes the run's folder and its tables. */
  static async open(options: StageOptions): Promise<StagedRun> {
    const { cluster, plan, registry, signal } = options;
    const now = new Date();
    const runId = newRunId(now);
    const directory = await newRunFolder(plan.scenario.name, now);
    await writeFile(path.join(directory, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    await seedCluster(cluster, plan, runId, registry, signal);
    const { primary } = await converge(cluster, convergeMs, signal);
    if (primary === undefined) throw new ClusterError('no node is primary');
    const session = await sessionOn(cluster, primary, signal);
    return new StagedRun({ ...options, runId, directory }, session, primary);
  }

  /** The run's schema, quoted. */
  get schema(): string {
    return quoteIdentifier(schemaOf(this.runId));
  }

  /** The tracked table, quoted, with its schema. */
  get table(): string {
    const { workload: name, params } = this.plan.scenario.load;
    const workload = this.#registry.workloads.get(name);
    if (!workload) throw new HarnessBug(`there is no workload ${name}`);
    return `${this.schema}.${quoteIdentifier(tracked(workload).table(params).name)}`;
  }

  /** Drives the load until `whileLoading` resolves. */
  async load(whileLoading: (load: Load) => Promise<void>): Promise<void> {
    const { cluster, plan, runId, directory } = this;
    const originNs = process.hrtime.bigint();
    const events = EventLog.create(path.join(directory, 'events.jsonl'), originNs);
    try {
      events.emit({
        type: 'run',
        runId,
        startedAt: new Date().toISOString(),
        reproduce: '',
        overrides: [],
        originNs: String(originNs),
        versions: { ...cluster.versions },
      });
      const journalDirectory = path.join(directory, 'journal');
      await using load = await startLoad({
        cluster,
        plan,
        registry: this.#registry,
        runId,
        journalDirectory,
        signal: this.#signal,
      });
      events.emit({ type: 'load', edge: 'begin', originNs: String(load.originNs) });
      await whileLoading(load);
      await load.stop();
      await load.done;
      events.emit({ type: 'load', edge: 'end' });
    } finally {
      events.close();
    }
  }

  /** Reads every node and judges. `detached`: a node that no longer follows, so nothing waits for it. */
  async judge(detached?: string): Promise<Result> {
    const { runId, directory, plan } = this;
    const convergence: Convergence =
      detached === undefined
        ? await converge(this.cluster, convergeMs, this.#signal)
        : { ok: false, reason: `${detached} was detached`, ms: 0, primary: this.primary };
    const { nodes, credentials } = this.cluster;
    const targets = nodes.map(({ name, observer }) => {
      return { name, observer, isDetached: name === detached };
    });
    await readRunBack(
      { nodes: targets, credentials },
      {
        runId,
        directory,
        plan,
        convergence,
        signal: this.#signal,
        registry: this.#registry,
      },
    );
    return judgeRun(directory, this.#registry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }
}

interface StageOptions {
  readonly cluster: Cluster;
  readonly plan: Plan;
  readonly registry: Registry;
  readonly signal: AbortSignal;
}

interface OpenRun extends StageOptions {
  readonly runId: string;
  readonly directory: string;
}

/** A session on one node, through its Unix socket if it has one. */
export function sessionOn(cluster: Cluster, name: string, signal: AbortSignal): Promise<Session> {
  const node = cluster.nodes.find((each) => each.name === name);
  if (!node) throw new ClusterError(`there is no node ${name}`);
  return connect(node.observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs,
    signal,
    applicationName: 'forkpoint selftest',
  });
}
