import type { DownstreamResult, Result } from '../../contracts/result.ts';
import type { FollowedRun } from '../../run/downstream/running.ts';
import { startConsumers, type Consumers } from '../../run/downstream/consumers.ts';
import { HarnessBug, lacks } from '../../std/errors.ts';
import { seededRandom } from '../../std/random.ts';
import { differences } from '../differences.ts';
import type { StagedRun } from '../stage-run.ts';
import { logged, type TrialResult } from '../trial-result.ts';
import { loadRows, openRun, type OpenOptions } from '../workloads.ts';
import { sinkDamages, type PlantedInSink } from './damage-sink.ts';
import { openPostgresSink } from './postgres-sink.ts';
import { sinkDifferences } from './sink-differences.ts';

const consumer = 'feed';
const load = { workload: 'ledger', payload: '64B' };
const more = { downstream: { [consumer]: { consumer: 'cdc' } } };
const expect = { delivered: 'all', duplicates: 0, outOfOrder: 0, phantoms: 0 };
const atPrimary = { changes: {}, findings: [] };

interface ConsumerTrialOptions extends OpenOptions {
  readonly log: (line: string) => void;
}

/**
 * Damages what a consumer has delivered, in its sink and without its knowledge, and demands that its verdict reports exactly that,
 * and that of the cluster nothing.
 */
export async function tryConsumers(options: ConsumerTrialOptions): Promise<readonly TrialResult[]> {
  const { cluster, seed, signal, log } = options;
  await using run = await openRun({ load, more, expect }, options);
  await using consumers = await startConsumers(followedRun(run, options), cluster);
  if (!consumers) throw new HarnessBug('the scenario of the selftest names no consumer');
  const { next } = await loadRows(run, options);
  await consumers.readBack();
  const calm = await run.judge();
  const server = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
  await using sink = await openPostgresSink(server, consumer, signal);
  const events = await sink.events();
  const whole = { events, changes: {}, findings: [] };
  const trial = { run, consumers, calm, log };
  const delivered = { ...whole, what: `deliver ${events.length} events` };
  const results = [compare(delivered, { ...trial, result: calm, demand: 'pass' })];
  const random = seededRandom(seed, 'selftest sink');
  for (const damage of sinkDamages) {
    const planted = damage.plan(events, next, random);
    await sink.rewrite(planted.events);
    results.push(compare(planted, { ...trial, result: await judged(trial), demand: 'fail' }));
  }
  await sink.rewrite(events);
  const mended = { ...whole, what: 'repair the sink' };
  results.push(compare(mended, { ...trial, result: await judged(trial), demand: 'pass' }));
  return results;
}

function followedRun(
  { runId: id, directory, plan }: StagedRun,
  { registry, signal, log }: ConsumerTrialOptions,
): FollowedRun {
  return { id, directory, plan, options: { registry, signal }, note: (what) => log(`      ${what}`) };
}

interface Trial {
  readonly run: StagedRun;
  readonly consumers: Consumers;
  /** The result before the damage. */
  readonly calm: Result;
  readonly log: (line: string) => void;
}

async function judged({ run, consumers }: Trial): Promise<Result> {
  await consumers.readSinks();
  return run.judge();
}

function compare(
  planted: PlantedInSink,
  trial: Trial & { readonly result: Result; readonly demand: Result['status'] },
): TrialResult {
  const { run, calm, result, demand, log } = trial;
  const problems = [
    ...sinkDifferences(planted, feedOf(calm), feedOf(result)),
    ...differences(atPrimary, { calm, result, where: run.primary }),
    ...(result.status === demand
      ? []
      : [`the status of the run is ${result.status}, not ${demand}`]),
  ];
  const grown = Object.entries(planted.changes).filter(([, change]) => change > 0);
  const demanded = grown.map(([name, change]) => `${name} ${change}`).join(', ') || 'nothing';
  return logged({ planted: planted.what, demanded, problems }, log);
}

function feedOf({ downstream = [] }: Result): DownstreamResult {
  const feed = downstream.find(({ name }) => name === consumer);
  if (!feed) throw new HarnessBug(`the result says nothing of consumer ${consumer}`);
  return feed;
}
