/**
 * What forensics makes of runs that lose writes: whether each loss has a cause, whether the WAL, the positions and the reading agree,
 * and whether all of it came back.
 *   node bench/lossy-runs.ts                          each scenario once, on the local backend
 *   node bench/lossy-runs.ts docker 2 staged-loss     one of them, twice, on containers
 * A line a run is added to reports/lossy-runs.jsonl. What does not agree is an exception, and is named.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../src/std/errors.ts';
import { type LossyRun, lossyRunOf } from './support/lossy-run.ts';
import { reportBench } from './support/results.ts';

const lossy = [
  'async-tail-loss',
  'staged-loss',
  'minority-writes',
  'frozen-patroni',
  'frozen-postgres',
  'rewind-after-partition',
  'sync-cancel',
];
const root = path.join(import.meta.dirname, '..');
const reports = path.join(root, 'reports');

const [backend = 'local', times = '1', ...asked] = process.argv.slice(2);
const runs: LossyRun[] = [];
for (let time = 0; time < Number(times); time++) {
  for (const scenario of asked.length > 0 ? asked : lossy) runs.push(await measure(scenario));
}
const withCopy = runs.filter(({ hasCopy, lost }) => hasCopy && lost !== null && lost > 0);
const salvagedWhole = withCopy.filter(({ lost, salvaged }) => salvaged === lost);
const exceptions = runs.flatMap(({ scenario, exceptions }) =>
  exceptions.map((what) => `${scenario}: ${what}`),
);
reportBench('lossy-runs', {
  goals: {
    exceptions: { measured: exceptions.length, goal: 0 },
    salvagedWhole: { measured: salvagedWhole.length, goal: withCopy.length },
  },
  backend,
  runs: runs.length,
  lost: runs.reduce((sum, { lost }) => sum + (lost ?? 0), 0),
  exceptions,
});

async function measure(scenario: string): Promise<LossyRun> {
  const argv = ['--', 'src/bin.js', 'run', scenario, '--backend', backend];
  const { status } = spawnSync(process.execPath, argv, { cwd: root, stdio: 'ignore' });
  const run = await lossyRunOf(folderOf(scenario), { scenario, exitCode: status }).catch(
    (error: unknown): LossyRun => ({
      ...{ scenario, exitCode: status, folder: null, lost: null, causes: {}, pastFork: null },
      ...{ wal: [], salvaged: null, hasCopy: false, skipped: [] },
      exceptions: [`exit code ${status}: ${messageOf(error)}`],
    }),
  );
  mkdirSync(reports, { recursive: true });
  appendFileSync(
    path.join(reports, 'lossy-runs.jsonl'),
    `${JSON.stringify({ backend, ...run })}\n`,
  );
  console.log(JSON.stringify(run));
  return run;
}

function folderOf(scenario: string): string {
  return realpathSync(path.join(reports, scenario, 'latest'));
}
