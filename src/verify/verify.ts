import path from 'node:path';
import type { Cluster, Topology } from '../contracts/cluster.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import { converge, type Convergence } from '../run/converge.ts';
import { ClusterError, messageOf, ScenarioError } from '../std/errors.ts';
import { ServerLog } from '../judge/causes/servers.ts';
import { journalPaths } from '../evidence/journal/journal.ts';
import { buildLedger } from '../judge/ledger/ledger.ts';
import { judge, type Judgement } from '../judge/judge.ts';
import { readStoredRun } from '../evidence/store/read-run.ts';
import type { ReadTarget } from '../evidence/readback/options.ts';
import { readRunBack } from '../run/read-back.ts';
import { keepEarlier } from './keep-earlier.ts';
import { observeServers } from '../patroni/observe-servers.ts';
import { nameOf, type Server } from '../pg/dsn.ts';
import { describeStep, healLeftovers, leftOf } from '../nemesis/heal-leftovers.ts';
import { readEvents } from '../evidence/events/event-log.ts';
import { moreWriters } from '../evidence/events/run-facts.ts';
import { isHeld, isUnderWay } from '../evidence/store/is-run-active.ts';
import { requireRun } from './require-run.ts';

export interface VerifyOptions {
  /** The stored run's folder. */
  readonly directory: string;
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** Longest wait for convergence; undefined: the scenario's own. */
  readonly waitMs?: number | undefined;
  readonly log: (line: string) => void;
}

type Target = ReadTarget & Required<Pick<ReadTarget, 'credentials'>>;

interface StoredRun {
  readonly runId: string;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

/**
 * Reads every node of a cluster that is still up after its run, and judges against the stored journals. Faults still in
 * force are healed first; then the cluster gets time to converge.
 * Errors: ScenarioError when the run is still going on, or the cluster does not hold it.
 */
export async function verifyCluster(cluster: Cluster, options: VerifyOptions): Promise<Judgement> {
  const run = await openRun(options.directory);
  const dead = { directory: options.directory, events: run.events };
  const left = leftOf(dead);
  if (left.length > 0) options.log(`healing what the run left in force: ${left.join(', ')}`);
  for (const { id, step, why } of await healLeftovers(cluster, dead)) {
    if (why !== undefined) options.log(`${id}: ${describeStep(step)} failed: ${why}`);
  }
  const convergence = await convergeWithin(cluster, run.plan, options);
  const { credentials } = cluster;
  const targets = cluster.nodes.map(({ name, observer }) => ({ name, observer, credentials }));
  await requireRunOn(targets, run.runId, convergence, options.signal);
  return readAndJudge(run, targets, convergence, options);
}

/**
 * Reads the servers at the given addresses, and judges against the stored journals. The only primary among them is
 * the reference; the others are compared with it.
 * Errors: ScenarioError when the run is still going on, or the primary does not hold it; ClusterError when no server
 * answers.
 */
export async function verifyServers(
  servers: readonly Server[],
  options: VerifyOptions,
): Promise<Judgement> {
  const run = await openRun(options.directory);
  await using observed = observeServers(
    servers.map((server) => ({ ...server, name: nameOf(server) })),
  );
  const convergence = await convergeWithin(observed, run.plan, options);
  const topology = await observed.topology(options.signal);
  const targets = servers.map((server) => {
    return { name: nameOf(server), observer: server.endpoint, credentials: server.credentials };
  });
  await requireRunOn(targets, run.runId, convergence, options.signal);
  const renamed = new Map(
    servers.map((server) => [nameOf(server), nameFor(server, topology, options.directory)]),
  );
  const named = targets.map((target) => ({ ...target, name: renamed.get(target.name) ?? '' }));
  const { primary, ...rest } = convergence;
  const truth = primary === undefined ? {} : { primary: renamed.get(primary) ?? primary };
  return await readAndJudge(run, named, { ...rest, ...truth }, options);
}

/** Errors: ScenarioError when the folder is no run, names no run, or its harness is still at work. */
async function openRun(directory: string): Promise<StoredRun> {
  const { plan, events } = await readStoredRun(directory);
  const runId = events.events.find((event) => event.type === 'run')?.runId;
  if (runId === undefined) throw new ScenarioError(`${directory}: events.jsonl names no run`);
  if (isUnderWay(directory, events.events)) {
    throw new ScenarioError(`run ${runId} is still going on; it will read and judge itself`);
  }
  return { runId, plan, events: events.events };
}

async function convergeWithin(
  cluster: Pick<Cluster, 'topology'>,
  plan: Plan,
  { waitMs, signal, log }: VerifyOptions,
): Promise<Convergence> {
  log('converge');
  const convergence = await converge(cluster, waitMs ?? plan.scenario.cluster.convergeMs, signal);
  if (!convergence.ok) log(`not converged ${convergence.reason ?? ''}`);
  return convergence;
}

async function readAndJudge(
  { runId, plan, events }: StoredRun,
  targets: readonly Target[],
  convergence: Convergence,
  { directory, registry, signal, log }: VerifyOptions,
): Promise<Judgement> {
  log('readBack');
  const credentials = targets[0]?.credentials ?? { user: '', database: '' };
  const beforeStored = async (): Promise<void> => {
    if (isHeld(events)) requireStillHeld(directory);
    await keepEarlier(directory, registry.reporters.values());
  };
  await readRunBack(
    { nodes: targets, credentials },
    {
      runId,
      directory,
      plan,
      registry,
      convergence,
      signal,
      beforeStored,
      moreWriters: moreWriters(events),
    },
  );
  log('judge');
  return judge(directory, registry);
}

/** For a cluster that was held at the start: a teardown during the reading is no finding about the run. */
function requireStillHeld(directory: string): void {
  if (isHeld(readEvents(path.join(directory, 'events.jsonl')).events)) return;
  throw new ClusterError(
    `${directory}: its cluster was taken down while it was being read. Nothing was judged; the run's own result stands.`,
  );
}

/** Asks the one primary; without one, every server. */
async function requireRunOn(
  targets: readonly Target[],
  runId: string,
  { primary }: Convergence,
  signal: AbortSignal,
): Promise<void> {
  const truth = targets.filter(({ name }) => name === primary);
  for (const { name, observer, credentials } of truth.length > 0 ? truth : targets) {
    try {
      await requireRun({ name, endpoint: observer, credentials }, runId, signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ScenarioError) throw cause;
      throw new ClusterError(`${name} cannot be queried for the run: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}

/**
 * An unnamed primary is identified as the node that acknowledged writes on its timeline, if only one node did: under a
 * name of its own it would look like a second primary, which would excuse every loss.
 */
function nameFor(server: Server, topology: Topology, directory: string): string {
  const name = nameOf(server);
  const member = topology.members.find(({ node }) => node === name);
  if (server.name !== undefined || member?.role !== 'primary') return name;
  const log = new ServerLog();
  buildLedger(journalPaths(directory), {}, log);
  const writers = log.servers().filter(({ timeline }) => timeline === member.timeline);
  const [only] = writers;
  return only && writers.length === 1 ? only.node : name;
}
