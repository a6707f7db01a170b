import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SuiteResult } from '../../src/contracts/suite.ts';
import { runCli, startCli, type RunningCli } from '../helpers/cli.ts';
import { processesNaming } from '../helpers/processes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-suite-'));
const reports = path.join(folder, 'reports');
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  path.join(folder, 'tiny.yaml'),
  `name: tiny
claim: Three seconds of writes cost nothing.
cluster: { nodes: 1 }
load: { clients: 2, rate: 100/s, duration: 3s }
expect: { lost: 0, outage: < 3s }
`,
);

function suiteFile(name: string, entries: string): string {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(file, `name: ${name}\nsummary: Tiny runs.\nscenarios:\n${entries}`);
  return file;
}

function latest(suite: string, into = reports): SuiteResult {
  const file = path.join(into, 'suites', suite, 'latest', 'suite.json');
  return JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
}

/** Ids of all runs of `tiny` in a reports folder. */
function runIdsIn(folder: string): string[] {
  return globSync(path.join(folder, 'tiny', '2*', 'events.jsonl')).map((file) => {
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    return (JSON.parse(first) as { runId: string }).runId;
  });
}

/** Starts three long runs, two at once, and waits until both of the first write. */
async function startSlow(into: string): Promise<RunningCli> {
  const entry = '  - { scenario: tiny.yaml, set: { load.duration: 60s } }\n';
  const file = suiteFile('slow', entry.repeat(3));
  const suite = startCli(['suite', file, '--jobs', '2'], { reports: into });
  const logs = path.join(into, 'suites', 'slow', 'latest', 'logs', '*.log');
  const areLoading = () =>
    globSync(logs).filter((log) => readFileSync(log, 'utf8').includes(' s  load')).length === 2;
  try {
    await expect.poll(areLoading, { timeout: 90_000 }).toBe(true);
  } catch (error) {
    suite.kill();
    throw error;
  }
  return suite;
}

test('a suite continues after a failure, ends with one table, and has the exit code of its worst run', async () => {
  const file = suiteFile(
    'mixed',
    `  - { scenario: tiny.yaml, set: { expect.outage: < 1ms } }\n  - tiny.yaml\n  - { scenario: tiny.yaml, set: { cluster.patroni.ttl: 20 }, exclusive: true }\n`,
  );
  const { exitCode, stdout, stderr } = await runCli(['suite', file, '--jobs', '2'], { reports });
  const result = latest('mixed');
  expect({ exitCode, said: result.exitCode, isComplete: result.isComplete }).toEqual({
    exitCode: 1,
    said: 1,
    isComplete: true,
  });
  const seen = result.entries.map(({ label, status, exitCode: code, numbers }) => {
    return [label, status, code, numbers?.lost];
  });
  expect(seen).toEqual([
    ['tiny', 'fail', 1, 0],
    ['tiny#2', 'pass', 0, 0],
    ['tiny#3', 'pass', 0, 0],
  ]);
  const table = stdout.trim().split('\n');
  expect(table.slice(0, 4).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['scenario', 'status', 'lost'],
    ['tiny', 'fail', '0'],
    ['tiny#2', 'pass', '0'],
    ['tiny#3', 'pass', '0'],
  ]);
  expect(table[5]).toMatch(/^tiny: longest outage: (?:\d+ ms|\d+\.\d s) \(demanded: < 1ms\)$/);
  expect(Math.max(...table.slice(0, 4).map((line) => line.length))).toBeLessThanOrEqual(80);
  // The exclusive run begins first and ends before another begins.
  const steps = stderr
    .split('\n')
    .flatMap((line) => /s {2}(\w+).*(tiny\S*)$/.exec(line)?.slice(1) ?? []);
  expect(steps.slice(0, 4)).toEqual(['begin', 'tiny#3', 'pass', 'tiny#3']);
  const [first] = result.entries;
  const log = path.join(reports, 'suites', 'mixed', 'latest', first?.log ?? '');
  expect(readFileSync(log, 'utf8')).toContain('Verdict: FAIL');
  const stored = path.join(reports, first?.directory ?? '', 'result.json');
  expect(JSON.parse(readFileSync(stored, 'utf8'))).toMatchObject({ status: 'fail' });
});

test('Ctrl-C ends every run cleanly, and the table shows the results so far', async () => {
  const into = path.join(folder, 'interrupted');
  const suite = await startSlow(into);
  suite.interrupt();
  const { exitCode, stdout } = await suite.done;
  const { entries, isComplete } = latest('slow', into);
  expect({ exitCode, isComplete, statuses: entries.map(({ status }) => status) }).toEqual({
    exitCode: 130,
    isComplete: true,
    statuses: ['interrupted', 'interrupted', 'notStarted'],
  });
  expect(stdout).toMatch(/^tiny#3 +not run +- +- +- +-$/m);
  expect(entries.map(({ numbers }) => numbers !== null)).toEqual([true, true, false]);
  const ids = runIdsIn(into);
  expect(ids).toHaveLength(2);
  expect(ids.flatMap(processesNaming)).toEqual([]);
});

test('runs whose suite is killed heal, write what they have, and leave nothing behind', async () => {
  const into = path.join(folder, 'killed');
  const suite = await startSlow(into);
  suite.kill();
  const hasResults = () => globSync(path.join(into, 'tiny', '2*', 'result.json')).length === 2;
  await expect.poll(hasResults, { timeout: 60_000 }).toBe(true);
  const left = () => runIdsIn(into).flatMap(processesNaming);
  await expect.poll(left, { timeout: 30_000 }).toEqual([]);
  expect(latest('slow', into).isComplete).toBe(false);
});

test('nothing starts if one entry is wrong', async () => {
  const untouched = path.join(folder, 'untouched');
  const file = suiteFile('wrong', '  - tiny.yaml\n  - partition-6s\n');
  const { exitCode, stdout, stderr } = await runCli(['suite', file], { reports: untouched });
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: `${file}:5:5: scenarios[1]: there is no scenario 'partition-6s'; did you mean 'partition-5s'?\n`,
  });
  expect(existsSync(untouched)).toBe(false);
});
