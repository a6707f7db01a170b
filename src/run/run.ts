import type { Cluster } from '../contracts/cluster.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { Judgement } from '../judge/judge.ts';
import { requirePostgres } from '../pg/require-postgres.ts';
import {
  capabilitiesAt,
  leastPostgres,
  neededCapabilities,
  neededFindings,
} from '../scenario/plan/needed-capabilities.ts';
import { messageOf } from '../std/errors.ts';
import { converge } from './converge.ts';
import { Explained } from './explained.ts';
import { loadWithFaults } from './load-with-faults.ts';
import { asOurs } from './own-journal.ts';
import { noteMarks } from './note-marks.ts';
import { readRunBack } from './read-back.ts';
import { startConsumers, type Consumers } from './downstream/consumers.ts';
import { watchArchive, type ArchiveWatch } from './archive/watch-archive.ts';
import { requireControls } from './require-controls.ts';
import { requireSpace } from './require-space.ts';
import { RunFolder } from './run-folder.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { seedCluster } from './seed.ts';
import { ServerWatch } from './server-watch.ts';
import { settleEvidence, watchEvidence } from './watch-evidence.ts';
import { watchTopology } from './watch-topology.ts';

/** Runs the phases in order. Whatever happens, the journaled writes are judged and the result is written. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const run = await RunFolder.open(plan, options);
  const { signal } = options;
  let error: unknown;
  let cluster: Cluster | undefined;
  try {
    const booted = await run.phase('boot', () =>
      options.openCluster(run.id, run.directory, signal),
    );
    cluster = booted;
    await run.describeCluster(booted);
    requirePostgres(booted.versions.postgres, leastPostgres(plan.scenario));
    const { faults } = options.registry;
    await requireControls(booted, neededCapabilities(plan.scenario, faults), {
      needsOf: (proxy) => capabilitiesAt(proxy, plan.scenario, faults),
      findings: neededFindings(plan.scenario, faults),
    });
    await requireSpace(booted, plan.scenario.load, { note: (what) => run.note(what), signal });
    await run.phase('seed', () => seedCluster(booted, plan, run.id, options.registry, signal));
    await run.keepSettings(booted);
    await using consumers = await startConsumers(run, booted);
    await using archive = await watchArchive(run, booted);
    error = await loadAndRead(run, booted, { consumers, archive });
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
    await settleEvidence(run, cluster, judgement.result);
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

/** What of the run is outside of the cluster; undefined: the scenario has none. */
interface Outside {
  readonly consumers: Consumers | undefined;
  readonly archive: ArchiveWatch | undefined;
}

/** The phases during which the cluster is watched. Returns what ended the load early; the nodes are read all the same. */
async function loadAndRead(
  run: RunFolder,
  cluster: Cluster,
  { consumers, archive }: Outside,
): Promise<unknown> {
  const { plan, options, events } = run;
  const { registry, signal } = options;
  const explained = new Explained(registry.faults, plan.scenario.faults);
  await using _marks = noteMarks(run.directory, events);
  await using evidence = await watchEvidence(run, cluster);
  const servers = new ServerWatch(cluster.nodes, explained, (event) => events.emit(event));
  await using _watcher = watchTopology(cluster, {
    looked: (topology) => {
      servers.looked(topology);
      evidence?.looked(topology);
    },
    topology: (topology) => events.emit({ type: 'topology', topology }),
    blind: (agoMs) => events.emit({ type: 'blind', edge: 'begin', agoMs }),
    seesAgain: () => events.emit({ type: 'blind', edge: 'end' }),
    lag: (bytes) => events.emit({ type: 'lag', bytes }),
  });
  using _unseen = cluster.unseen?.((edge) => events.emit({ type: 'unseen', ...edge }));
  let error: unknown;
  try {
    await loadWithFaults(run, cluster, { explained, consumers });
  } catch (caught) {
    // It did not go as planned; writes acknowledged until then have a fate all the same.
    signal.throwIfAborted();
    if (events.isRemoved) throw caught;
    error = caught;
    run.problem(messageOf(caught));
  }
  const { convergeMs } = plan.scenario.cluster;
  const convergence = await run.phase('converge', () => converge(cluster, convergeMs, signal));
  const { id: runId, directory, moreWriters } = run;
  const reading = { runId, directory, plan, convergence, signal, registry, moreWriters };
  await run.phase('readBack', async () => {
    await readRunBack(cluster, reading);
    await consumers?.readBack();
    await archive?.readBack(moreWriters);
  });
  await servers.end();
  return error;
}
