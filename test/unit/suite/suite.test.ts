import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { EntryResult, SuiteResult } from '../../../src/contracts/suite.ts';
import { ScenarioError } from '../../../src/std/errors.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { parseSuite } from '../../../src/scenario/parse/parse-suite.ts';
import { readSuite, suiteNames } from '../../../src/scenario/read-suite.ts';
import { judgeEntry } from '../../../src/suite/entry-result.ts';
import { startRun } from '../../../src/suite/start-run.ts';
import { worstExitCode } from '../../../src/suite/exit-codes.ts';
import { readIncidents } from '../../../src/scenario/incidents.ts';
import { exitCodeAgainst, unexpectedPass } from '../../../src/suite/expected-end.ts';
import { expectedSuiteMs, startOrder } from '../../../src/suite/order.ts';
import { runArguments } from '../../../src/suite/start-run.ts';
import { describeEntry, renderSuite } from '../../../src/suite/render/table.ts';
import { measuredRun } from '../../helpers/result.ts';
import { scenarioRegistry } from '../../helpers/scenario-registry.ts';
import { entryResult, plannedEntry } from '../../helpers/suite.ts';

const registry = await loadRegistry();
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-suite-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ScenarioError);
  return (error as Error).message;
}

describe('a suite file', () => {
  const scenarios = ['partition-5s', 'async-tail-loss'];

  function messages(entries: string, head = 'name: x\nsummary: For tests.\n'): string[] {
    try {
      parseSuite(`${head}scenarios: ${entries}\n`, {
        file: 'x.yaml',
        registry: scenarioRegistry,
        scenarios,
      });
    } catch (error) {
      return (error as Error).message.split('\n');
    }
    return [];
  }

  test('lists scenarios, each by name or with its own values', () => {
    const text = `
name: x
summary: For tests.
scenarios:
  - partition-5s
  - { scenario: partition-5s, seed: 7, backend: local, exclusive: true, set: { load.rate: null, expect.lost: ">= 1" } }
  - ./mine.yaml
`;
    const options = { file: 'x.yaml', registry: scenarioRegistry, scenarios };
    expect(parseSuite(text, options)).toEqual({
      name: 'x',
      summary: 'For tests.',
      entries: [
        { scenario: 'partition-5s', set: [], isExclusive: false },
        {
          scenario: 'partition-5s',
          seed: 7,
          backend: 'local',
          isExclusive: true,
          set: ['load.rate=null', 'expect.lost=>= 1'],
        },
        { scenario: './mine.yaml', set: [], isExclusive: false },
      ],
      positions: [
        [5, 5],
        [6, 5],
        [7, 5],
      ],
    });
  });

  test.each([
    [
      '[partition-6s]',
      "x.yaml:3:13: scenarios[0]: there is no scenario 'partition-6s'; did you mean 'partition-5s'?",
    ],
    [
      '[{ scenario: async-tail-los }]',
      "x.yaml:3:25: scenarios[0].scenario: there is no scenario 'async-tail-los'; did you mean 'async-tail-loss'?",
    ],
    [
      '[{ scenario: partition-5s, sead: 1 }]',
      "x.yaml:3:39: scenarios[0]: unknown key 'sead'; did you mean 'seed'?",
    ],
    [
      '[{ scenario: partition-5s, seed: -1 }]',
      'x.yaml:3:45: scenarios[0].seed: must be at least 0, not -1',
    ],
    [
      '[{ scenario: partition-5s, backend: locl }]',
      "x.yaml:3:48: scenarios[0].backend: there is no backend 'locl'; did you mean 'local'?",
    ],
    [
      '[{ scenario: partition-5s, set: { a: [1] } }]',
      'x.yaml:3:49: scenarios[0].set.a: must be a single value, as after --set key=',
    ],
    ['[{ seed: 1 }]', 'x.yaml:3:13: scenarios[0].scenario: is missing'],
    [
      '[7]',
      'x.yaml:3:13: scenarios[0]: must be a scenario, or like { scenario: partition-5s, seed: 2 }',
    ],
    ['[]', 'x.yaml:3:12: scenarios: must have at least 1 entries'],
    ['partition-5s', "x.yaml:3:12: scenarios: must be a list, not 'partition-5s'"],
  ])('%s is refused with its position', (entries, message) => {
    expect(messages(entries)).toEqual([message]);
  });

  test('has a name, a summary and no unknown key', () => {
    expect(messages('[partition-5s]', 'name: latest\nsumary: x\n')).toEqual([
      'x.yaml:1:1: summary: is missing',
      'x.yaml:1:7: name: is the name of a link beside it; choose another',
      "x.yaml:2:1: unknown key 'sumary'; did you mean 'summary'?",
    ]);
  });
});

describe('reading a suite', () => {
  const mine = fileWith(
    'mine.yaml',
    'name: mine\nclaim: It holds.\nload: { duration: 5s }\nexpect: { lost: 0 }\n',
  );

  test('plans every entry; paths are relative to the suite, and a repeated name gets a number', async () => {
    const file = fileWith(
      'good.yaml',
      'name: good\nsummary: x\nscenarios: [./mine.yaml, { scenario: mine.yaml, seed: 5, set: { load.duration: 7s } }]\n',
    );
    const { entries } = await readSuite(file, { registry, set: ['load.clients=2'] });
    const seen = entries.map(({ label, scenario, seed, plan }) => ({
      label,
      scenario,
      seed,
      planSeed: plan.seed,
      load: [plan.scenario.load.durationMs, plan.scenario.load.clients],
    }));
    expect(seen).toEqual([
      { label: 'mine', scenario: mine, seed: 1, planSeed: 1, load: [5000, 2] },
      { label: 'mine#2', scenario: mine, seed: 5, planSeed: 5, load: [7000, 2] },
    ]);
  });

  test('refuses the whole suite before anything starts if one entry cannot be planned', async () => {
    const file = fileWith(
      'bad.yaml',
      'name: bad\nsummary: x\nscenarios:\n  - mine.yaml\n  - { scenario: mine.yaml, set: { load.duration: 5 } }\n  - nobody.yaml\n',
    );
    const message = await failureOf(readSuite(file, { registry }));
    expect(message.replaceAll(folder, '')).toBe(
      [
        '/bad.yaml:5:5: scenarios[1]: --set load.duration=5: load.duration: 5 needs a unit: 5s or 5000ms',
        '/bad.yaml:6:5: scenarios[2]: /nobody.yaml: cannot be read: there is no such file',
      ].join('\n'),
    );
  });

  test('lets the command line override the file, except a pinned backend', async () => {
    const file = fileWith(
      'backends.yaml',
      'name: b\nsummary: x\nscenarios: [{ scenario: mine.yaml, seed: 5 }, { scenario: mine.yaml, backend: local }]\n',
    );
    const { entries } = await readSuite(file, { registry, seed: 9, backend: 'docker' });
    expect(entries.map((entry) => runArguments(entry).slice(2).join(' '))).toEqual([
      '--no-install --seed 9 --backend docker',
      '--no-install --seed 9 --backend local',
    ]);
  });

  test('reports an unknown backend once, as an error of the command line', async () => {
    expect(await failureOf(readSuite('smoke', { registry, backend: 'dockr' }))).toBe(
      "--backend dockr: there is no backend 'dockr'; did you mean 'docker'?",
    );
  });

  test('reports the first ten of many errors', async () => {
    const file = fileWith(
      'many.yaml',
      `name: m\nsummary: x\nscenarios: [${'no.yaml,'.repeat(13)}]\n`,
    );
    const lines = (await failureOf(readSuite(file, { registry }))).split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([11, '... and 3 more']);
  });

  test('--only chooses by a part of the name, or by a pattern of the whole', async () => {
    const labels = async (only: string) =>
      (await readSuite('smoke', { registry, only })).entries.map(({ label }) => label);
    expect(await labels('partition')).toEqual(['partition-5s']);
    expect(await labels('*-loss')).toEqual(['async-tail-loss']);
    expect(await failureOf(labels('partition-*s*x'))).toMatch(
      /^--only partition-\*s\*x: matches nothing in this suite: baseline, /,
    );
  });

  test('reports an unknown name with the nearest one', async () => {
    expect(await failureOf(readSuite('smok', { registry }))).toMatch(
      /^there is no suite 'smok' in scenarios\/suites; did you mean 'smoke'\? All there are: scenarios\/suites\/\*\.yaml$/,
    );
  });
});

test('the snippet in docs/suites.md is a suite', () => {
  const doc = readFileSync(new URL('../../../docs/suites.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /^```yaml\n(.*?)^```/ms.exec(doc) ?? [];
  const scenarios = ['partition-5s', 'async-tail-loss'];
  const { entries } = parseSuite(yaml, { file: 'docs/suites.md', registry, scenarios });
  expect(entries).toHaveLength(4);
});

describe.each(await suiteNames())('scenarios/suites/%s', (name) => {
  test('can be planned, under the name of its file', async () => {
    expect((await readSuite(name, { registry })).name).toBe(name);
  });
});

describe('the order to begin in', () => {
  test('is exclusive runs, then the longest first, else as in the file', () => {
    const entries = [
      ...[plannedEntry('short', '10s'), plannedEntry('long', '60s')],
      ...[plannedEntry('alone', '5s', true), plannedEntry('short-too', '10s')],
    ];
    expect(startOrder(entries).map(({ label }) => label)).toEqual([
      ...['alone', 'long', 'short', 'short-too'],
    ]);
  });

  test('gives the duration of the whole suite', () => {
    const entries = [
      ...[plannedEntry('a', '48s'), plannedEntry('b', '18s'), plannedEntry('c', '18s')],
      plannedEntry('alone', '8s', true),
    ];
    expect([1, 2, 3].map((jobs) => expectedSuiteMs(entries, jobs))).toEqual([
      ...[140_000, 80_000, 80_000],
    ]);
  });
});

describe('the exit code of a suite', () => {
  test.each([
    [[0, 0], 0],
    [[0, 2, 1], 1],
    [[1, 5], 1],
    [[5, 2], 5],
    [[2, 4, 3], 2],
    [[4, 3], 4],
    [[3, 0], 3],
    [[1, 130], 130],
    [[6, 0], 6],
    [[6, 3], 3],
    [[], 2],
  ])('%j is %i', (exitCodes, worst) => {
    expect(worstExitCode(exitCodes)).toBe(worst);
  });
});

describe('what a suite expects of an entry', () => {
  const passed = { status: 'pass', exitCode: 0 } as const;
  const defective = { status: 'knownDefect', exitCode: 6 } as const;
  const failed = { status: 'fail', exitCode: 1 } as const;

  test.each([
    [undefined, [0, 6, 1]],
    ['pass', [0, 6, 1]],
    ['either', [0, 0, 1]],
    ['knownDefect', [1, 0, 1]],
    ['fail', [1, 6, 0]],
  ] as const)('%s makes of a pass, a known defect and a failure %j', (expected, codes) => {
    const entry = expected === undefined ? {} : { expect: expected };
    const ends = [passed, defective, failed];
    expect(ends.map((end) => exitCodeAgainst(entry, end))).toEqual(codes);
  });

  test('is said where the entry passed instead', () => {
    const said = unexpectedPass({ expect: 'knownDefect' }, passed);
    expect(said).toBe('it passed, and the suite expects a known defect here');
    expect(unexpectedPass({ expect: 'either' }, passed)).toBeUndefined();
    const alarm = unexpectedPass({ expect: 'fail' }, passed);
    expect(alarm).toBe('it passed, and the suite expects that a demand fails');
    expect(unexpectedPass({ expect: 'fail' }, failed)).toBeUndefined();
  });

  test('is said for one entry before the whole suite', () => {
    const text =
      'name: x\nsummary: For tests.\nexpect: either\nscenarios: [partition-5s, { scenario: partition-5s, expect: pass }]\n';
    const options = { file: 'x.yaml', registry: scenarioRegistry, scenarios: ['partition-5s'] };
    expect(parseSuite(text, options).entries.map(({ expect: wanted }) => wanted)).toEqual([
      ...['either', 'pass'],
    ]);
  });
});

describe('the outcome of a run', () => {
  const directory = path.join(folder, 'run');
  const ended = { signal: undefined, hasTimedOut: false, directory: undefined };
  const end = { ...ended, failure: undefined };

  test('comes from its exit code and the error that it sent if it has no result', async () => {
    const failure = 'This is a bug in Forkpoint: x is y';
    expect(await judgeEntry({ ...end, exitCode: 5, failure })).toEqual({
      status: 'bug',
      exitCode: 5,
      reason: 'This is a bug in Forkpoint: x is y',
      directory: null,
      numbers: null,
    });
  });

  test('says that there is no error if the run sent none', async () => {
    const { reason } = await judgeEntry({ ...end, exitCode: 130 });
    expect(reason).toBe('the run ended with exit code 130 and without a result');
  });

  test('of a run whose process reports an error has that error, without its stack', async () => {
    const entry = { ...plannedEntry('none', '1s'), scenario: 'no-such-scenario' };
    const run = await startRun(entry, {
      cli: [process.execPath, path.resolve('src/cli.ts')],
      log: path.join(folder, 'failed.log'),
      signal: new AbortController().signal,
    });
    expect(run).toMatchObject({ exitCode: 3, directory: undefined });
    expect(run.failure).toMatch(/no-such-scenario/);
    expect(await judgeEntry(run)).toMatchObject({ status: 'invalid', reason: run.failure });
  });

  test('is unknown if its process was killed or did not end, since it was not judged', async () => {
    const killed = await judgeEntry({ ...end, exitCode: undefined, signal: 'SIGKILL' });
    const late = await judgeEntry({ ...end, exitCode: 130, hasTimedOut: true });
    expect(
      [killed, late].map(({ status, exitCode, reason }) => [status, exitCode, reason]),
    ).toEqual([
      ['unknown', 2, "the run's process was ended by SIGKILL"],
      ['unknown', 2, 'the run exceeded its time limit and was ended'],
    ]);
  });

  test('with a result has its numbers, and the first demand that does not hold', async () => {
    mkdirSync(directory);
    const checks = [
      { check: 'lost', status: 'pass', summary: 'fine', measured: 0 },
      { check: 'outage', status: 'fail', summary: 'too long', measured: 5230 },
    ];
    writeFileSync(
      path.join(directory, 'result.json'),
      JSON.stringify({ ...measuredRun(), status: 'fail', knownDefect: null, checks }),
    );
    const { status, reason, numbers } = await judgeEntry({ ...end, exitCode: 1, directory });
    expect({ status, reason, numbers }).toEqual({
      status: 'fail',
      reason: 'too long',
      numbers: {
        ...entryResult('x').numbers,
        startedAt: '2026-01-01T00:00:00.000Z',
      },
    });
  });
});

describe('the table', () => {
  const suite = (entries: readonly EntryResult[]): SuiteResult => ({
    schemaVersion: 1,
    suite: 'x',
    startedAt: '',
    durationMs: 95_400,
    jobs: 2,
    isComplete: true,
    exitCode: 1,
    reproduce: '',
    entries,
    scenarios: [],
    baseline: null,
  });
  const { numbers } = entryResult('x');

  test('has a line for each run in the given order, then the reason of each run that did not pass', () => {
    const entries = [
      entryResult('partition-5s'),
      entryResult('async-tail-loss', {
        status: 'fail',
        exitCode: 1,
        reason: 'acknowledged writes lost: 1486 (demanded: 0)',
        numbers: { ...numbers!, lost: 1486, outageMs: 19_840 },
      }),
      entryResult('disk-full-wal', {
        status: 'impossible',
        exitCode: 4,
        reason: 'no engine',
        numbers: null,
        durationMs: null,
        directory: null,
        log: null,
      }),
    ];
    expect(renderSuite(suite(entries))).toBe(
      `scenario         status       lost  outage    time  report
partition-5s     pass            0   5.2 s  40.0 s  20261120T200912Z
async-tail-loss  fail        1,486  19.8 s  40.0 s  20261120T200912Z
disk-full-wal    impossible      -       -       -  -

async-tail-loss: acknowledged writes lost: 1486 (demanded: 0)
  log: logs/01-async-tail-loss.log
disk-full-wal: no engine

x: 3 runs: 1 passed, 1 failed, 1 impossible, 95.4 s`,
    );
  });

  test('is never wider than 80 columns: the name is shortened', () => {
    const name = 'a-scenario-whose-name-is-as-long-as-a-name-can-be-which-is-60';
    const status = { status: 'interrupted', numbers: { ...numbers!, lost: 1_234_567 } } as const;
    const lines = renderSuite(suite([entryResult(name, status)]))
      .split('\n')
      .slice(0, 2);
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
    expect(lines[1]).toContain('a-scenario-whose-name');
  });

  test('each end of a run is one line', () => {
    expect([
      describeEntry(entryResult('x')),
      describeEntry(entryResult('x', { status: 'bug', numbers: null, reason: 'x is y' })),
    ]).toEqual(['pass    lost 0, outage 5.2 s, 40.0 s', 'bug     x is y, 40.0 s']);
  });
});

const scenarios = new URL('../../../scenarios/', import.meta.url);
const yamlIn = (folder: URL) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.parse(file).name)
    .toSorted();

const unquoted = (set: string) => set.replaceAll('"', '');

test('every shipped scenario is in the nightly suite', async () => {
  const { entries } = await readSuite('nightly', { registry });
  expect(entries.map(({ label }) => label).toSorted()).toEqual(yamlIn(scenarios));
});

test('every shipped scenario can be planned on docker', async () => {
  const { entries } = await readSuite('nightly', { registry, backend: 'docker' });
  expect(entries.length).toBe(yamlIn(scenarios).length);
});

test('every incident is in the suite of incidents, as its file says that it ends, and with its cure', async () => {
  const { entries } = await readSuite('incidents', { registry });
  type Entry = readonly [name: string, set: readonly string[], end: string];
  const found = entries.map(({ plan, set, expect: end = 'pass' }): Entry => {
    return [plan.scenario.name, set.map(unquoted), end];
  });
  const said = (await readIncidents(registry)).flatMap(({ name, ends, cure }): readonly Entry[] => [
    [name, [], ends],
    ...(cure.length === 0 ? [] : [[name, cure.map(unquoted), 'pass'] as const]),
  ]);
  const byName = (all: readonly Entry[]) => all.toSorted(([a], [b]) => a.localeCompare(b));
  expect(byName(found)).toEqual(byName(said));
  expect([...new Set(said.map(([name]) => name))].toSorted()).toEqual(
    yamlIn(new URL('incidents/', scenarios)),
  );
});

test('every scenario file is in a folder that a suite covers', () => {
  const folders = readdirSync(scenarios, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const withScenarios = folders.filter((name) => yamlIn(new URL(`${name}/`, scenarios)).length > 0);
  expect(withScenarios.toSorted()).toEqual(['incidents', 'suites']);
});
