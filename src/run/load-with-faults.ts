import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { ConsumerControl } from '../contracts/fault.ts';
import { TimeseriesLog } from '../evidence/figures/timeseries.ts';
import { observationsFolder } from '../evidence/observations/format.ts';
import { KneeWatch } from '../load/knee-watch.ts';
import { startLoad } from '../load/supervisor.ts';
import { startNemesis } from '../nemesis/nemesis.ts';
import { firstFailure } from '../std/wait.ts';
import { InForce } from './in-force.ts';
import type { Explained } from './explained.ts';
import { noteStandstills } from './note-standstills.ts';
import { noteSpread, noteWorker } from './note-worker.ts';
import type { RunFolder } from './run-folder.ts';
import { minFreeOf } from './seed.ts';
import { watchConnections } from './watch-connections.ts';

/** Runs load and faults together, then heals everything still in force, whatever the outcome of either. */
export async function loadWithFaults(
  run: RunFolder,
  cluster: Cluster,
  { explained, consumers }: { explained: Explained; consumers: ConsumerControl | undefined },
): Promise<void> {
  const { plan, options, events } = run;
  const { registry, signal } = options;
  // If the cluster outlives this process, so would a fault.
  const isHarmed = plan.scenario.faults.length > 0;
  const inForce = new InForce();
  const isNeeded = (withinMs: number) => inForce.within(withinMs);
  await using guard = isHarmed ? await cluster.guard?.(run.id, isNeeded) : undefined;
  using timeseries = new TimeseriesLog(run.directory, (what) => options.log(what));
  using knee = KneeWatch.of(plan.scenario.load);
  await using load = await startLoad({
    cluster,
    plan,
    registry,
    runId: run.id,
    signal,
    journalDirectory: path.join(run.directory, 'journal'),
    observationsDirectory: path.join(run.directory, observationsFolder),
    onProgress: (stats) => options.watching?.progress(stats),
    onFigures: (figures) => {
      timeseries.append(figures);
      options.watching?.figures?.(figures);
    },
    journalListener: knee && (() => knee.listener()),
    onWorker: (change) => noteWorker(run, change),
    onBegun: (spread) => noteSpread(run, spread),
    onReach: (change) => events.emit({ type: 'reach', ...change }),
    onHold: (isHeld) => events.emit({ type: 'load', edge: isHeld ? 'held' : 'resumed' }),
  });
  const loadStartMs = Number(load.originNs / 1000n) / 1000;
  run.loadStartMs = loadStartMs;
  await using nemesis = startNemesis({
    cluster,
    load,
    ...(consumers && { consumers }),
    steps: plan.scenario.faults,
    faults: registry.faults,
    seed: plan.seed,
    loadStartMs,
    signal,
    emit: (event) => {
      explained.note(event);
      inForce.note(event);
      events.emit(event);
    },
  });
  events.emit({ type: 'load', edge: 'begin', originNs: String(load.originNs) });
  const stop = (): void => {
    events.emit({ type: 'load', edge: 'stop' });
    void load.stop();
  };
  knee?.start(load.originNs, stop);
  await using _end = stopEarly(stop, run, cluster);
  const standstills = noteStandstills(loadStartMs, (what) => run.problem(what));
  try {
    await run.phase('load', () =>
      firstFailure(load.done, [nemesis.done, guard?.lost, events.failed], signal),
    );
  } finally {
    await load.stop();
    standstills[Symbol.dispose]();
    events.emit({ type: 'load', edge: 'end' });
    const failures = await run.phase('heal', () => nemesis.heal());
    const healedByOthers = (await guard?.release()) ?? [];
    for (const problem of [...failures, ...healedByOthers]) run.problem(problem);
  }
}

/** Ends the load in an orderly way when a person says so, or when it would take the cluster's last connections. */
function stopEarly(stop: () => void, run: RunFolder, cluster: Cluster): AsyncDisposable {
  const { plan, options } = run;
  const { endLoad } = options;
  if (endLoad?.aborted) stop();
  endLoad?.addEventListener('abort', stop, { once: true });
  const tooFew = (why: string): void => {
    run.problem(why);
    stop();
  };
  const minFree = minFreeOf(cluster, plan.scenario.load);
  const watch = minFree === undefined ? undefined : watchConnections(cluster, { minFree, tooFew });
  return {
    [Symbol.asyncDispose]: async () => {
      endLoad?.removeEventListener('abort', stop);
      await watch?.[Symbol.asyncDispose]();
    },
  };
}
