import path from 'node:path';
import type { DownstreamResult, Result } from '../../contracts/result.ts';
import { startConsumers, type Consumers } from '../../run/downstream/consumers.ts';
import { downstreamFolder } from '../../evidence/store/read-downstream.ts';
import { HarnessBug, lacks } from '../../std/errors.ts';
import { seededRandom } from '../../std/random.ts';
import type { Key } from '../damage.ts';
import { differences } from '../differences.ts';
import { followedRun, type FollowOptions } from '../followed-run.ts';
import type { StagedRun } from '../stage-run.ts';
import { logged, type TrialResult } from '../trial-result.ts';
import { loadRows, openRun } from '../workloads.ts';
import { sinkDamages, type PlantedInSink } from './damage-sink.ts';
import { openPostgresSink } from './postgres-sink.ts';
import { sinkDifferences } from './sink-differences.ts';
import type { DamagedSink } from './sink-event.ts';
import { sinkFile } from './sink-file.ts';

const load = {
  workload: 'ledger',
  payload: '64B',
  mix: { insert: 55, update: 30, delete: 15 },
};
const more = { downstream: { feed: { consumer: 'cdc' }, filed: { sink: 'file' } } };
const expect = { delivered: 'all', duplicates: 0, outOfOrder: 0, phantoms: 0 };
const nothing = { changes: {}, findings: [] };

/**
 * Damages what a consumer has delivered, in its sink and without its knowledge, and demands that its verdict reports exactly that,
 * and those of the cluster and of another consumer nothing: once in a server, once in a file.
 */
export async function tryConsumers(options: FollowOptions): Promise<readonly TrialResult[]> {
  const { cluster, seed, signal, log } = options;
  await using run = await openRun({ load, more, expect }, options);
  await using consumers = await startConsumers(followedRun(run, options), cluster);
  if (!consumers) throw new HarnessBug('the scenario of the selftest names no consumer');
  const { next } = await loadRows(run, options);
  await consumers.readBack();
  const calm = await run.judge();
  const server = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
  await using served = await openPostgresSink(server, 'feed', signal);
  const filed = sinkFile(path.join(run.directory, downstreamFolder, 'filed', 'events.jsonl'));
  const random = seededRandom(seed, 'selftest sink');
  const trial = { run, consumers, calm, log, next, random };
  return [
    ...(await trySink(served, { ...trial, consumer: 'feed' })),
    ...(await trySink(filed, { ...trial, consumer: 'filed' })),
  ];
}

/** Plants each damage, judges, and repairs the sink. */
async function trySink(sink: DamagedSink, trial: SinkTrial): Promise<readonly TrialResult[]> {
  const { calm, consumer, next, random } = trial;
  const events = await sink.events();
  const whole = { events, changes: {}, findings: [] };
  const delivered = { ...whole, what: `deliver ${events.length} events to ${consumer}` };
  const results = [compare(delivered, { ...trial, result: calm, demand: 'pass' })];
  for (const damage of sinkDamages) {
    const planted = damage.plan(events, next, random);
    await sink.rewrite(planted.events);
    results.push(compare(planted, { ...trial, result: await judged(trial), demand: 'fail' }));
    await sink.rewrite(events);
  }
  const mended = { ...whole, what: `repair the sink of ${consumer}` };
  results.push(compare(mended, { ...trial, result: await judged(trial), demand: 'pass' }));
  return results;
}

interface SinkTrial {
  readonly run: StagedRun;
  readonly consumers: Consumers;
  /** Whose sink is damaged. */
  readonly consumer: string;
  /** Each writer's first seq that it never sent. */
  readonly next: readonly Key[];
  readonly random: () => number;
  /** The result before the damage. */
  readonly calm: Result;
  readonly log: (line: string) => void;
}

async function judged({ run, consumers }: SinkTrial): Promise<Result> {
  await consumers.readSinks();
  return run.judge();
}

function compare(
  planted: PlantedInSink,
  trial: SinkTrial & { readonly result: Result; readonly demand: Result['status'] },
): TrialResult {
  const { run, calm, consumer, result, demand, log } = trial;
  const problems = [
    ...consumersOf(calm).flatMap(({ name }) => {
      const wanted = name === consumer ? planted : nothing;
      return sinkDifferences(wanted, verdictOf(calm, name), verdictOf(result, name)).map(
        (problem) => `${name}: ${problem}`,
      );
    }),
    ...differences(nothing, { calm, result, where: run.primary }),
    ...(result.status === demand
      ? []
      : [`the status of the run is ${result.status}, not ${demand}`]),
  ];
  const grown = Object.entries(planted.changes).filter(([, change]) => change > 0);
  const demanded = grown.map(([name, change]) => `${name} ${change}`).join(', ') || 'nothing';
  return logged({ planted: planted.what, demanded, problems }, log);
}

function consumersOf({ downstream = [] }: Result): readonly DownstreamResult[] {
  return downstream;
}

function verdictOf(result: Result, consumer: string): DownstreamResult {
  const found = consumersOf(result).find(({ name }) => name === consumer);
  if (!found) throw new HarnessBug(`the result says nothing of consumer ${consumer}`);
  return found;
}
