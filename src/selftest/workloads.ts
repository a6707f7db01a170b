import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import type { Registry } from '../contracts/registry.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import { shippedFolder } from '../scenario/read.ts';
import { waitUntil } from '../std/wait.ts';
import type { Damage, Stage } from './damage.ts';
import { lookAround } from './prepare.ts';
import { StagedRun } from './stage-run.ts';
import { damageBank } from './workloads/bank.ts';
import { damageCopy } from './workloads/copy.ts';
import { damageCustom } from './workloads/custom.ts';
import { damageOrders } from './workloads/orders.ts';
import { damageRecords } from './workloads/records.ts';

interface Load {
  readonly workload: string;
  readonly [key: string]: unknown;
}

export interface WorkloadTrial {
  /** Keys of `load:`. */
  readonly load: Load;
  readonly damages: readonly Damage[];
}

/** The workloads beside `ledger`, each with damage to what it alone has. */
export const workloadTrials: readonly WorkloadTrial[] = [
  { load: { workload: 'bank', accounts: 20 }, damages: damageBank },
  { load: { workload: 'orders', lines: 4, payload: '64B' }, damages: damageOrders },
  {
    load: {
      workload: 'records',
      seedRows: 50,
      payload: '64B',
      mix: { insert: 70, update: 25, delete: 5 },
    },
    damages: damageRecords,
  },
  { load: { workload: 'copy', batch: 20, payload: '64B' }, damages: damageCopy },
  { load: { workload: 'custom', file: 'sql/payments.sql' }, damages: damageCustom },
];

const fewestRows = 300;
const enoughTimeoutMs = 45_000;

export interface OpenOptions {
  readonly cluster: Cluster;
  readonly registry: Registry;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface OpenWorkload extends AsyncDisposable {
  readonly run: StagedRun;
  readonly stage: Stage;
}

/** Loads some hundred rows. */
export async function openWorkload(load: Load, options: OpenOptions): Promise<OpenWorkload> {
  const run = await openRun({ load }, options);
  const stage = await loadRows(run, options);
  return { run, stage, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

/** Makes a run of this load, which has not begun. `more`: other keys of its scenario, and of `expect`. */
export function openRun(
  { load, more = {}, expect = {} }: OpenRun,
  options: OpenOptions,
): Promise<StagedRun> {
  const { registry, seed } = options;
  const text = JSON.stringify({
    name: `selftest-${load.workload}`,
    claim: 'What is planted is found, and nothing else.',
    cluster: { nodes: 3, parameters: { wal_level: 'logical' } },
    // Long enough for any machine: the load is stopped once there are enough rows to damage.
    load: { clients: 4, duration: '60s', deadline: '20s', ...load },
    expect: { lost: 0, unexpected: 0, duplicated: 0, corrupted: 0, replicas: 'agree', ...expect },
    ...more,
  });
  const file = path.join(shippedFolder, 'selftest.yaml');
  const scenario = parseScenario(text, { file, registry });
  const plan = planScenario(scenario, { seed, backend: 'local', registry });
  return StagedRun.open({ ...options, plan });
}

interface OpenRun {
  readonly load: Load;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly expect?: Readonly<Record<string, unknown>>;
}

/** Drives the load until there are rows to damage. */
export async function loadRows(
  run: StagedRun,
  { seed, signal }: Pick<OpenOptions, 'seed' | 'signal'>,
): Promise<Stage> {
  const { workload } = run.plan.scenario.load;
  await run.load(async (driven) => {
    await waitUntil(`${workload} has written`, () => driven.acknowledged >= fewestRows, {
      timeoutMs: enoughTimeoutMs,
      everyMs: 100,
      signal,
    });
  });
  return lookAround(run, seed);
}
