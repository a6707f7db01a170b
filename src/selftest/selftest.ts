import type { Cluster } from '../contracts/cluster.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Result } from '../contracts/result.ts';
import { addRows } from './add-rows.ts';
import { apply } from './apply.ts';
import { breakTable } from './break-table.ts';
import { changeRows } from './change-rows.ts';
import type { Damage, Planted, Stage } from './damage.ts';
import { damageReplica } from './damage-replica.ts';
import { deleteRows } from './delete-rows.ts';
import { detachReplica, type Detached } from './detach.ts';
import { differences } from './differences.ts';
import { loadStage, lookAroundRefused, planSelftest } from './prepare.ts';
import { tryArchive } from './archive/archive.ts';
import { tryConsumers } from './consumers/consumers.ts';
import { StagedRun } from './stage-run.ts';
import { logged, type TrialResult } from './trial-result.ts';
import { openWorkload, workloadTrials } from './workloads.ts';

export interface SelftestOptions {
  readonly cluster: Cluster;
  readonly registry: Registry;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** One line per damage: what was planted, what was found. */
  readonly log: (line: string) => void;
}

const damages: readonly Damage[] = [
  ...deleteRows,
  ...changeRows,
  ...addRows,
  ...breakTable,
  ...damageReplica,
];
const nothing: Planted = {
  what: 'repair everything',
  statements: [],
  touched: [],
  changes: {},
  findings: [],
};

/**
 * Damages a live database without the checker's knowledge, in every registered way, and demands that each verdict reports
 * exactly the planted damage. One replica no longer follows the primary afterwards.
 */
export async function selftest(options: SelftestOptions): Promise<readonly TrialResult[]> {
  const { cluster, registry, seed, signal, log } = options;
  const plan = planSelftest(seed, registry);
  await using run = await StagedRun.open({ cluster, plan, registry, signal });
  const reissue = await loadStage(run, signal);
  const stage = await lookAroundRefused(run, seed);
  log(`      ${stage.rows.length} rows of ${stage.next.length} writers in ${run.directory}`);
  const calm = await run.judge();
  const before = { ...calm, writes: { ...calm.writes, reissued: 0 }, anomalies: [] };
  const trial = { run, stage, log };
  const results = [compare(reissue, { ...trial, calm: before, result: calm, demand: 'pass' })];
  for (const damage of damages.filter(({ where }) => where === 'primary')) {
    results.push(await tryOut(damage, { ...trial, calm }));
  }
  const mended = await run.judge();
  results.push(compare(nothing, { ...trial, calm, result: mended, demand: 'pass' }));
  results.push(...(await tryOtherWorkloads(options)));
  results.push(...(await tryConsumers(options)));
  results.push(...(await tryArchive(options)));
  await using replica = await detachReplica(run, signal);
  for (const damage of damages.filter(({ where }) => where === 'replica')) {
    results.push(await tryOut(damage, { ...trial, calm, replica }));
  }
  return results;
}

/** Each in a run of its own, on the same cluster. */
async function tryOtherWorkloads(options: SelftestOptions): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  for (const { load, damages: own } of workloadTrials) {
    await using opened = await openWorkload(load, options);
    const { run, stage } = opened;
    const calm = await run.judge();
    const trial = { run, stage, calm, log: options.log };
    const loaded = { ...nothing, what: `load ${stage.rows.length} rows of ${load.workload}` };
    results.push(compare(loaded, { ...trial, result: calm, demand: 'pass' }));
    for (const damage of own) results.push(await tryOut(damage, trial));
    const mended = await run.judge();
    results.push(compare(nothing, { ...trial, result: mended, demand: 'pass' }));
  }
  return results;
}

interface Trial {
  readonly run: StagedRun;
  readonly stage: Stage;
  /** The result before the damage. */
  readonly calm: Result;
  readonly replica?: Detached;
  readonly log: (line: string) => void;
}

/** Plants one damage, judges, repairs. */
async function tryOut(damage: Damage, trial: Trial): Promise<TrialResult> {
  const { run, stage, replica } = trial;
  const planted = damage.plan(stage);
  const mend = await apply(replica?.session ?? run.session, stage.table, planted);
  const result = await run.judge(replica?.name);
  await mend();
  return compare(planted, { ...trial, result, demand: 'fail' });
}

function compare(
  planted: Planted,
  trial: Trial & { readonly result: Result; readonly demand: Result['status'] },
): TrialResult {
  const { run, calm, result, demand, log } = trial;
  const where = trial.replica?.name ?? run.primary;
  const wrong = [...differences(planted, { calm, result, where })];
  if (result.status !== demand)
    wrong.push(`the status of the run is ${result.status}, not ${demand}`);
  return logged({ planted: planted.what, demanded: amounts(planted), problems: wrong }, log);
}

function amounts({ changes, findings, structure = [], broken: breaches = [] }: Planted): string {
  const grown = Object.entries(changes).filter(([, change]) => change > 0);
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  const counted =
    grown.length > 0
      ? grown.map(([key, change]) => `${key} ${change}`)
      : [...kinds].map(([kind, rows]) => `${kind} ${rows.length}`);
  const broken = structure.map((relation) => `${relation} broken on every node`);
  const invariants = breaches.length > 0 ? [`broken ${breaches.join(' and ')}`] : [];
  return [...counted, ...broken, ...invariants].join(', ') || 'nothing';
}
