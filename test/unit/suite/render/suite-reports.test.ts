import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../../src/contracts/history.ts';
import type { EntryResult, SuiteResult } from '../../../../src/contracts/suite.ts';
import { suiteAnnotations } from '../../../../src/render/github.ts';
import { nightsIn } from '../../../../src/history/suite-runs.ts';
import { repeatEntry } from '../../../../src/scenario/read-suite.ts';
import { suiteHtml } from '../../../../src/suite/render/html.ts';
import { suiteJunit } from '../../../../src/suite/render/junit.ts';
import { suiteMarkdown } from '../../../../src/suite/render/markdown.ts';
import { runArguments } from '../../../../src/suite/start-run.ts';
import { isRegression, summarize, type RecordedEntry } from '../../../../src/suite/summarize.ts';
import { renderSuite } from '../../../../src/suite/render/table.ts';
import { breachesOf, countsOf } from '../../../../src/suite/render/counts.ts';
import { nightsOf, runRecord } from '../../../helpers/records.ts';
import { entryResult, plannedEntry } from '../../../helpers/suite.ts';

const { numbers } = entryResult('x');
const failed: Partial<EntryResult> = {
  status: 'fail',
  exitCode: 1,
  reason: 'acknowledged writes lost: 12 (demanded: 0)',
  numbers: { ...numbers!, lost: 12, lossPercent: 1.2 },
};

function recorded(
  label: string,
  over: Partial<EntryResult> = {},
  record: Partial<RunRecord> = {},
): RecordedEntry {
  const result = entryResult(label, over);
  const { group: scenario } = result;
  const status = result.status === 'fail' ? 'fail' : 'pass';
  return [result, runRecord({ scenario, status, lost: result.numbers?.lost ?? null, ...record })];
}

/** Tonight and three earlier nights, with one case of each change. */
const entries: readonly RecordedEntry[] = [
  recorded('baseline'),
  recorded('crash-recovery', failed),
  recorded('flapping', failed),
  recorded('partition-5s', {}, { outageMs: 8000, thresholds: { outage: { percent: 20 } } }),
  recorded('rewind', failed),
  [
    entryResult('disk-full-wal', {
      status: 'impossible',
      exitCode: 4,
      reason: 'no engine',
      numbers: null,
      log: null,
      durationMs: null,
      directory: null,
    }),
    undefined,
  ],
];
const past = [
  ...nightsOf(['pass', 'pass', 'pass'], { scenario: 'baseline' }),
  ...nightsOf(['pass', 'pass', 'pass'], { scenario: 'crash-recovery' }),
  ...nightsOf(['pass', 'fail', 'pass'], { scenario: 'flapping' }),
  ...nightsOf(['pass', 'pass', 'fail'], { scenario: 'partition-5s' }),
  ...nightsOf(['fail', 'fail', 'fail'], { scenario: 'rewind' }),
];

function suiteOf(all: readonly RecordedEntry[], over: Partial<SuiteResult> = {}): SuiteResult {
  return {
    schemaVersion: 1,
    suite: 'nightly',
    startedAt: '2026-11-20T20:09:12.000Z',
    durationMs: 95_400,
    jobs: 2,
    isComplete: true,
    exitCode: 1,
    baseline: null,
    reproduce: 'npm run forkpoint -- suite nightly',
    entries: all.map(([result]) => result),
    scenarios: summarize(all, nightsIn(past, 'nightly')),
    ...over,
  };
}

const nightly = suiteOf(entries);
const repeated = suiteOf(
  [1, 2, 3, 4, 5].map((number) => {
    const over = { group: 'crash-recovery', ...(number === 4 ? failed : {}) };
    return recorded(`crash-recovery.${number}`, over);
  }),
);

describe('suite.html', () => {
  const hrefsOf = (hasReport: boolean) => {
    const page = suiteHtml(nightly, { hasIndex: hasReport, hasReport: () => hasReport });
    return [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
  };

  test.each([
    ['nightly', nightly],
    ['repeated', repeated],
  ])('of %s is the one that was agreed on', async (name, result) => {
    const page = suiteHtml(result, { hasIndex: true, hasReport: () => true });
    const body = page.replace(/<style>[^]*?<\/style>/g, '<style></style>');
    await expect(body).toMatchFileSnapshot(`../../../golden/suite-${name}.html`);
  });

  test('leads to all runs, to the reports that are there and to the logs', () => {
    expect(hrefsOf(true)).toEqual(
      expect.arrayContaining([
        ...['../../../index.html', './logs/01-baseline.log'],
        '../../../baseline/20261120T200912Z/report.html',
      ]),
    );
    expect(hrefsOf(false).filter((href) => !href?.startsWith('./logs/'))).toEqual([]);
  });
});

describe('the summary of the runs of an entry', () => {
  test('has the number of lossy runs, the probability of a loss, and the change since the nights before', () => {
    const [summary] = repeated.scenarios;
    expect({ ...summary, differences: summary?.differences.length }).toEqual({
      label: 'crash-recovery',
      runs: 5,
      passed: 4,
      measured: 5,
      lossy: 1,
      lossProbability: 0.2,
      lossInterval: [expect.closeTo(0.0362, 4), expect.closeTo(0.6245, 4)],
      outcome: 'flaky',
      differences: 4,
    });
  });

  test('does not count a run whose losses are unknown', () => {
    const unread = { numbers: { ...numbers!, lost: null }, status: 'unknown' } as const;
    const [summary] = summarize([recorded('x', unread)], []);
    expect(summary).toEqual({
      label: 'x',
      runs: 1,
      passed: 0,
      measured: 0,
      lossy: 0,
      lossProbability: null,
      lossInterval: null,
      outcome: null,
      differences: [],
    });
  });

  test('marks a failure as new if the suite has run before, even if the scenario has not', () => {
    const outcomeIn = (nights: Parameters<typeof summarize>[1]) =>
      summarize([recorded('unheard-of', failed)], nights).map(({ outcome }) => outcome);
    expect([outcomeIn([]), outcomeIn(nightsIn(past))]).toEqual([[null], ['new']]);
  });

  test('fails a comparison with a baseline only for new, flaky or beyond a threshold', () => {
    expect(nightly.scenarios.map((summary) => [summary.label, isRegression(summary)])).toEqual([
      ...[
        ['baseline', false],
        ['crash-recovery', true],
        ['flapping', true],
      ],
      ...[
        ['partition-5s', true],
        ['rewind', false],
        ['disk-full-wal', false],
      ],
    ]);
  });
});

describe('the table of a suite', () => {
  test('shows what changed since earlier runs', async () => {
    await expect(renderSuite(nightly)).toMatchFileSnapshot('../../../golden/suite-nightly.txt');
  });

  test('of repeated runs shows how probable a loss is', async () => {
    await expect(renderSuite(repeated)).toMatchFileSnapshot('../../../golden/suite-repeated.txt');
  });

  test('is not wider than 80 columns with all of it', () => {
    const long = 'a-scenario-whose-name-is-as-long-as-a-name-can-be-which-is-60';
    const many = [1, 2].map((number) => recorded(`${long}.${number}`, { ...failed, group: long }));
    const table = renderSuite(suiteOf(many)).split('\n').slice(0, 7);
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('suite.md and junit.xml', () => {
  test('of a night match the golden files', async () => {
    await expect(suiteMarkdown(nightly)).toMatchFileSnapshot('../../../golden/suite-nightly.md');
    await expect(suiteJunit(nightly)).toMatchFileSnapshot('../../../golden/suite-nightly.xml');
  });

  test('of repeated runs match the golden files', async () => {
    await expect(suiteMarkdown(repeated)).toMatchFileSnapshot('../../../golden/suite-repeated.md');
  });

  test('escape the text of a server', () => {
    const hostile = '<script>alert(1)</script>|`"&]]>\n::error::x\u0001';
    const result = suiteOf([recorded('x', { ...failed, reason: hostile })]);
    expect(suiteMarkdown(result)).not.toContain('<script>');
    const xml = suiteJunit(result);
    expect(xml).toContain('&lt;script&gt;alert(1)&lt;/script&gt;|`&quot;&amp;]]&gt;');
    expect(xml).not.toContain('\u0001');
    const lines = suiteAnnotations(result, { counts: countsOf(result), breaches: [] }).split('\n');
    expect(lines.filter((line) => line !== '').map((line) => line.slice(0, 8))).toEqual([
      ...['::error ', '::error '],
    ]);
  });
});

test('annotations name the suite, each run that did not pass, and what is beyond its threshold', () => {
  const { scenarios } = nightly;
  const said = suiteAnnotations(nightly, {
    counts: countsOf(nightly),
    breaches: breachesOf(scenarios),
  });
  expect(said.split('\n')).toEqual([
    '::error title=nightly::6 runs: 2 passed, 3 failed, 1 impossible',
    '::error title=crash-recovery%3A fail::acknowledged writes lost: 12 (demanded: 0)',
    '::error title=flapping%3A fail::acknowledged writes lost: 12 (demanded: 0)',
    '::error title=rewind%3A fail::acknowledged writes lost: 12 (demanded: 0)',
    '::warning title=disk-full-wal%3A impossible::no engine',
    '::warning title=nightly%3A beyond its threshold::partition-5s: outage 8.0 s, before 5.0 s (+60 %25; allowed +20%25)',
    '',
  ]);
});

test('--repeat runs an entry again with the next seed, and starts again after the last', () => {
  const entry = { ...plannedEntry('x', '10s'), seed: 2 ** 32 - 1 };
  const repeats = repeatEntry(entry, 2);
  expect(repeats.map(({ label, group, plan }) => [label, group, plan.seed])).toEqual([
    ...[
      ['x.1', 'x', 2 ** 32 - 1],
      ['x.2', 'x', 0],
    ],
  ]);
  expect(repeats.map((each) => runArguments(each).slice(3).join(' '))).toEqual([
    ...['--seed 4294967295', '--seed 0'],
  ]);
  expect(repeatEntry(entry, 1)).toEqual([entry]);
});
