import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SuiteResult } from '../../src/contracts/suite.ts';
import { readHistory } from '../../src/history/runs-jsonl.ts';
import { runCli } from '../helpers/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-nightly-'));
const reports = path.join(folder, 'reports');
afterAll(() => rmSync(folder, { recursive: true }));

/** The same scenario with another demand, which looks like a regression. */
function scenarioDemands(outage: string): void {
  writeFileSync(
    path.join(folder, 'tiny.yaml'),
    `name: tiny
claim: Three seconds of writes cost nothing.
cluster: { nodes: 1 }
load: { clients: 2, rate: 100/s, duration: 3s }
expect: { lost: 0, outage: ${outage} }
thresholds: { throughput: -90%, outage: +50s }
`,
  );
}
const suite = path.join(folder, 'night.yaml');
writeFileSync(suite, 'name: night\nsummary: Tiny runs.\nscenarios: [tiny.yaml]\n');

function latest(): SuiteResult {
  const file = path.join(reports, 'suites', 'night', 'latest', 'suite.json');
  return JSON.parse(readFileSync(file, 'utf8')) as SuiteResult;
}

test('a night is compared with the night before and with a baseline, and old folders are removed', async () => {
  scenarioDemands('< 3s');
  const first = await runCli(['suite', suite, '--repeat', '2', '--jobs', '1'], { reports });
  expect(first.stdout).toMatch(/^tiny +2 +2 +0 +0\.00 \(0\.00\.\.0\.66\)$/m);
  expect(first.exitCode).toBe(0);
  expect((await runCli(['baseline', 'v1', 'night'], { reports })).stdout).toMatch(
    /^v1: 2 runs of /,
  );

  scenarioDemands('< 1ms');
  const args = ['suite', suite, '--baseline', 'v1', '--keep-runs', '1'];
  const second = await runCli(args, { reports });
  expect(second.stdout).toMatch(/^tiny +fail +new +0 [^]*\nAgainst baseline v1:\n {2}new: tiny\n/m);
  expect(second.exitCode).toBe(1);
  const { scenarios, baseline } = latest();
  expect([baseline, scenarios.map(({ label, outcome }) => [label, outcome])]).toEqual([
    ...['v1', [['tiny', 'new']]],
  ]);
  const { differences } = scenarios[0]!;
  expect(differences.map(({ metric, threshold, isWorse }) => [metric, threshold, isWorse])).toEqual(
    [
      ...[
        ['lost', null, null],
        ['outage', '+50s', false],
      ],
      ...[
        ['throughput', '-90%', false],
        ['verification', null, null],
      ],
    ],
  );

  // One of two passed runs is left, and the failed one; history.jsonl has all three.
  const kept = readdirSync(path.join(reports, 'tiny')).filter((name) => name !== 'latest');
  const { records, problems } = await readHistory(reports);
  expect([kept.length, records.map(({ status }) => status), problems]).toEqual([
    ...[2, ['pass', 'pass', 'fail'], []],
  ]);
  const page = readFileSync(path.join(reports, 'index.html'), 'utf8');
  expect(page.match(/<tr\s+data-scenario="tiny"\s+data-status=/g)).toHaveLength(3);
  expect(page.match(/href="\.\/tiny\/[^"]*report\.html"/g)).toHaveLength(2);

  const compared = await runCli(['compare', 'v1', 'night'], { reports });
  expect(compared.stdout).toMatch(/^WORSE tiny: 2 pass -> fail, new$/m);
  expect(compared.exitCode).toBe(1);
});

test.each([
  [['run', 'baseline', '--repeat', '2', '--keep'], '--repeat: cannot be combined with --keep'],
  [['run', 'baseline', '--repeat', '0'], '--repeat 0: needs a whole number from 1 to 1000'],
  [
    ['suite', 'smoke', '--keep-runs', 'all'],
    '--keep-runs all: needs a whole number from 1 to 100000',
  ],
  [['suite', 'smoke', '--baseline', 'v9'], '--baseline v9: there is no such baseline; '],
  [['baseline', 'v2', 'nobody'], 'nobody: there is no such run, suite or baseline. '],
])('%j is refused before anything starts', async (args, message) => {
  const { exitCode, stderr } = await runCli(args, { reports });
  expect([exitCode, stderr.trim().split('\n').at(-1)?.slice(0, message.length)]).toEqual([
    ...[3, message],
  ]);
});
