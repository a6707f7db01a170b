import { describe, expect, test } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import html from '../../../src/reporters/html.ts';
import junit from '../../../src/reporters/junit.ts';
import markdown from '../../../src/reporters/markdown.ts';
import summary from '../../../src/reporters/summary.ts';
import {
  headline,
  promised,
  title,
  whatHappened,
  whyThisVerdict,
} from '../../../src/render/support/sentences.ts';
import {
  judgedRun,
  losing,
  passing,
  unjudged,
  withTimeline,
} from '../../helpers/sample-results.ts';

const samples: readonly (readonly [string, Result])[] = [
  ['passing', passing],
  ['losing', losing],
  ['unknown', unjudged],
  ['charted', withTimeline],
];

const hostile = '<script>alert(1)</script>"\'&]]>--><img src=x onerror=alert(1)>';

/** Hostile text in every field that a scenario, a node or a server can fill. */
const injected: Result = {
  ...losing,
  scenario: hostile,
  claim: hostile,
  problems: [hostile],
  notes: [hostile],
  reproduce: hostile,
  folder: hostile,
  replayOf: { runId: hostile, startedAt: hostile },
  backend: hostile,
  versions: { ...losing.versions, postgres: hostile, dcs: hostile },
  checks: losing.checks.map((check) => ({ ...check, check: hostile, summary: hostile })),
  replicas: losing.replicas.map((replica) => ({ ...replica, node: hostile, reason: hostile })),
  faults: losing.faults.map((fault) => ({ ...fault, id: hostile, targets: [hostile] })),
  lostRanges: losing.lostRanges.map((range) => ({ ...range, node: hostile })),
  rejoins: withTimeline.rejoins!.map((rejoin) => ({ ...rejoin, node: hostile, said: hostile })),
  archive: {
    ...{ reason: hostile, needed: 2, partial: [hostile] },
    flaws: [{ kind: 'missing', segment: hostile, timeline: 1, lsn: null, what: hostile }],
    restores: [
      {
        ...{ to: 'end', reason: hostile, isRefused: true, lsn: hostile },
        ...{ reachedTimeline: 1, reachedLsn: hostile, missingRanges: [] },
        ...{ expected: null, missing: null, extra: null, corrupted: null },
      },
    ],
  },
  routes: [
    {
      name: hostile,
      via: 'haproxy',
      clients: 1,
      acknowledged: 1,
      localOnly: 0,
      failed: 0,
      indeterminate: 0,
      lost: 0,
      outageMs: 0,
      errors: [{ sqlState: hostile, outcome: 'failed', count: 1 }],
      servers: [{ node: hostile, timeline: 1, acknowledged: 1, fromMs: 0, untilMs: 1 }],
      onOldPrimary: [
        {
          node: hostile,
          timeline: 1,
          newPrimary: hostile,
          sinceMs: 0,
          acknowledged: 1,
          untilMs: 1,
        },
      ],
      what: hostile,
      notes: [hostile],
    },
  ],
  staleHolders: [{ node: hostile, before: hostile, timeline: 1, atMs: 1 }],
  structure: [{ node: hostile, relation: hostile, message: hostile }],
  timeline: {
    bucketMs: 1_000,
    acknowledged: [1],
    failed: [0],
    indeterminate: [0],
    lagBytes: {},
    latencyMs: { p50: [1], p99: [1], max: [1] },
    roles: [{ node: hostile, role: 'leader', timeline: 1, fromMs: 0, toMs: 1_000 }],
  },
};

/** The page without its constant code and style. */
function bodyOf(page: string): string {
  return page.replace(/<(style|script)>[^]*?<\/\1>/g, '<$1></$1>').replace(/\n{2,}/g, '\n');
}

describe.each([
  [markdown, 'md'],
  [junit, 'xml'],
] as const)('$fileName', (reporter, extension) => {
  test.each(samples)('of a %s run is the one that was agreed on', async (name, result) => {
    const golden = `../../golden/${reporter.fileName.split('.')[0] ?? ''}-${name}.${extension}`;
    await expect(reporter.render(result)).toMatchFileSnapshot(golden);
  });
});

describe('report.html', () => {
  test.each(samples)('of a %s run is the one that was agreed on', async (name, result) => {
    const golden = `../../golden/report-${name}.html`;
    await expect(bodyOf(html.render(result))).toMatchFileSnapshot(golden);
  });

  test('is below 2 MB for ten minutes with 10,000 faults and 5,000 lost ranges', () => {
    const seconds = Array.from({ length: 600 }, (_, second) => second);
    const lostRanges = Array.from({ length: 5_000 }, (_, index) => ({
      ...losing.lostRanges[0]!,
      writer: index % 100,
      from: index,
      to: index,
    }));
    const faults = Array.from({ length: 10_000 }, (_, index) => ({
      ...losing.faults[0]!,
      id: `partition#${index + 1}`,
    }));
    const page = html.render({
      ...losing,
      lostRanges,
      faults,
      timeline: {
        bucketMs: 1_000,
        acknowledged: seconds,
        failed: seconds,
        indeterminate: seconds,
        latencyMs: { p50: seconds, p99: seconds, max: seconds },
        roles: [],
        lagBytes: { pg2: seconds.map((second) => [second * 1_000, 1_234_567] as const) },
      },
    });
    expect(page.length).toBeLessThan(2_000_000);
    expect(page).toContain('9,800 more faults are in result.json');
  });
});

describe('text of a scenario, a node or a server', () => {
  const bodies = {
    html: bodyOf(html.render(injected)),
    xml: junit.render(injected),
    markdown: markdown.render(injected),
  };

  test('adds no element to a page', () => {
    expect(bodies.html).not.toMatch(/<script>[^<]|<img/);
    expect(html.render(injected)).not.toContain('<img');
  });

  test('adds no element and no control character to the XML', () => {
    expect(bodies.xml).not.toMatch(/<script|<img/);
    const xml = junit.render({
      ...losing,
      problems: ['\u0000\u0007'],
      writes: { ...losing.writes },
    });
    // eslint-disable-next-line no-control-regex
    expect(xml).not.toMatch(/[\u0000-\u0008]/);
  });

  test('adds no element to Markdown outside code', () => {
    const outsideCode = bodies.markdown.replace(/(`+)[^]*?\1/g, '');
    expect(outsideCode).not.toMatch(/(?<!\\)<(script|img)/);
  });
});

test('a fault whose injection failed is shown as never in force only if that was recorded, in every format', () => {
  const render = (seen: { readonly isNotCarriedOut?: true }) => {
    const faults = losing.faults.map((fault) => ({ ...fault, inForceAtMs: null, ...seen }));
    const failed = { ...withTimeline, faults };
    return [markdown.render(failed), html.render(failed), summary.render(failed)];
  };
  const [seenMarkdown, seenHtml, seenSummary] = render({ isNotCarriedOut: true });
  expect(seenMarkdown).toMatch(/^\| partition\\#1 \| pg1 \| never \|/m);
  expect(seenHtml).toContain('<td>never</td>');
  expect(seenHtml).toContain('"faults":[]');
  expect(seenSummary).toContain('partition#1 on pg1: tried at 10.0 s, and never in force');
  const [openMarkdown, openHtml, openSummary] = render({});
  expect(openMarkdown).toMatch(/^\| partition\\#1 \| pg1 \| unknown \|/m);
  expect(openHtml).not.toContain('<td>never</td>');
  expect(openSummary).toContain(
    'partition#1 on pg1: tried at 10.0 s; unknown whether it was in force',
  );
});

describe('the sentence', () => {
  test('names how many, where, when and under which fault', () => {
    const result = judgedRun('fail', [], {
      writes: { acknowledged: 5_193, lost: 1_963, durable: 3_230 },
      lostRanges: [
        {
          writer: 0,
          from: 1,
          to: 1_963,
          kind: 'insert',
          ackedAtMs: [13_120, 16_044],
          node: 'pg1',
          timeline: 1,
          lsn: ['0/54686E8', '0/5480000'],
          cause: 'forked',
        },
      ],
      forks: [
        {
          parentTimeline: 1,
          timeline: 2,
          lsn: '0/54686E8',
          divergentBytes: 5,
          oldPrimary: 'pg1',
          newPrimary: 'pg3',
        },
      ],
      faults: [
        {
          id: 'replication-cut#1',
          fault: 'partition',
          targets: ['pg1'],
          plannedAtMs: 13_000,
          injectedAtMs: 13_000,
          inForceAtMs: 13_010,
          healedAtMs: 40_000,
        },
        {
          id: 'later#1',
          fault: 'partition',
          targets: ['pg1'],
          plannedAtMs: 17_000,
          injectedAtMs: 17_000,
          inForceAtMs: 17_010,
          healedAtMs: 40_000,
        },
      ],
      outage: { longestMs: null, perFault: [] },
    });
    expect(whatHappened(result)).toBe(
      "Lost 1,963 of 5,193 acknowledged writes: all on pg1, timeline 1, past fork point 0/54686E8, acknowledged between 13.1 s and 16.0 s while 'replication-cut#1' was in force.",
    );
  });

  test('names which node took over when, and the fault behind an id of the scenario', () => {
    const result = judgedRun('fail', [], {
      writes: { lost: 5 },
      lostRanges: [{ ...losing.lostRanges[0]!, from: 1, to: 5, cause: null }],
      forks: [2, 3, 4, 5].map((timeline) => ({
        parentTimeline: timeline - 1,
        timeline,
        lsn: '0/5000000',
        oldPrimary: 'pg1',
        newPrimary: timeline === 3 ? 'pg1' : 'pg3',
        takenOverAtMs: timeline * 10_000,
        divergentBytes: null,
      })),
      faults: losing.faults.map((fault) => ({ ...fault, id: 'cut' })),
      outage: { longestMs: null, perFault: [] },
    });
    expect(whatHappened(result)).toBe(
      "Lost 5 of 1,000 acknowledged writes: all on pg1, timeline 1, acknowledged between 13.1 s and 16.0 s; 'cut' (partition) was injected at 10.0 s and healed at 15.0 s. " +
        'pg3 acknowledged its first write on timeline 2 at 20.0 s, pg1 acknowledged its first write on timeline 3 at 30.0 s, ' +
        'pg3 acknowledged its first write on timeline 4 at 40.0 s and 1 more followed.',
    );
  });

  test('names when the lock went to a server that could not have the writes, and how many of them are lost', () => {
    const staleHolders = [{ node: 'pg1', before: 'pg3', timeline: 2, atMs: 32_541 }];
    const [range] = losing.lostRanges;
    const lossless = { staleHolders, outage: { longestMs: null, perFault: [] } };
    const lossOn = (timeline: number) => ({
      ...lossless,
      writes: { lost: 200 },
      lostRanges: [{ ...range!, node: 'pg3', timeline }],
    });
    expect(whatHappened(judgedRun('pass', [], lossless))).toMatch(
      / At 32\.5 s the lock went to pg1, which was never seen following pg3\.$/,
    );
    expect(whatHappened(judgedRun('pass', [], lossOn(2)))).toMatch(
      /the lock went to pg1, which was never seen following pg3: 200 that pg3 had acknowledged on timeline 2 are lost\.$/,
    );
    // What it lost as the holder on an earlier timeline has another cause.
    expect(whatHappened(judgedRun('pass', [], lossOn(1)))).toMatch(/never seen following pg3\.$/);
  });

  test('of a pass with a loss names the demand, if there is one', () => {
    const summary = 'acknowledged writes lost: 3 (demanded: >= 1)';
    const lost = { check: 'lost', status: 'pass', measured: 3, summary } as const;
    const atLeast = { ...lost, demand: { kind: 'count', op: '>=', value: 1 } };
    const result = judgedRun('pass', [atLeast], {
      writes: { lost: 2, lostUpdates: 1 },
    });
    expect(headline(result)).toBe('Pass: this loss is demanded');
    const allowing = { ...lost, demand: { kind: 'count', op: '<', value: 5 } };
    expect(headline({ ...result, checks: [allowing] })).toBe('Pass: the scenario allows this loss');
    expect(whyThisVerdict(result)).toBe(
      `All 1 demand of the scenario hold, including this one: ${summary}.`,
    );
    expect(headline(passing)).toBe('Pass');
  });

  test('of a single takeover names its duration, and the fault from which it counts', () => {
    const took = whatHappened({ ...withTimeline, rto: { ms: 6_999, fault: 'cut' } });
    expect(took).toContain(
      "pg2 acknowledged its first write on timeline 2 at 12.0 s, 7.0 s after 'cut'.",
    );
    expect(whatHappened({ ...withTimeline, rto: { ms: null, fault: null } })).toContain(
      'pg2 acknowledged its first write on timeline 2 at 12.0 s.',
    );
  });

  test('about what the settings promise mentions a known defect', () => {
    const row = { differs: [], promise: 'it is known', value: '3.0.2' };
    const promise = { mayLose: false, bytes: 0, seconds: 0, text: 'nothing' };
    const durability = { promise, notInForce: [], problems: [] };
    const patroni = { ...row, setting: 'Patroni version' };
    expect(promised({ ...durability, rows: [{ ...patroni, level: 'ok' }] })).toBe('nothing');
    expect(promised({ ...durability, rows: [{ ...patroni, level: 'defect' }] })).toBe(
      'nothing by the settings; a known defect of Patroni 3.0.2 may lose more',
    );
  });

  test('of a run with other settings than the scenario has begins with these', () => {
    const overrides = ['cluster.nodes=1', 'expect.lost=0'];
    expect(title({ scenario: 'x', overrides })).toBe('x with cluster.nodes=1, expect.lost=0');
    expect(title({ scenario: 'x', overrides: [] })).toBe('x');
  });

  test('never calls unread writes lost, or safe', () => {
    expect(whatHappened(unjudged)).toBe(
      'The fates of 1,000 acknowledged writes are unknown: the run was interrupted.',
    );
    expect(whyThisVerdict(unjudged)).toBe(
      'Not judged: the run was interrupted and no node was read back.',
    );
  });

  test('of a run without any acknowledged write states that there is nothing to judge', () => {
    const result = judgedRun('unknown', [], { writes: { acknowledged: 0 } });
    expect(whatHappened(result)).toBe('No write was acknowledged, so there is nothing to judge.');
  });

  test('counts only the replicas that agree', () => {
    expect(whatHappened(passing)).toMatch(/and 2 of 2 replicas agree with it/);
    const differing = { ...passing, replicas: losing.replicas };
    expect(whatHappened(differing)).toMatch(/and 0 of 1 replica agree with it/);
  });
});

describe('a run with a known defect', () => {
  const judged = (check: string, status: 'pass' | 'fail', text: string) =>
    ({ check, status, summary: text, demand: null, measured: null }) as const;
  const defective: Result = {
    ...judgedRun('knownDefect', [
      judged('lost', 'fail', 'acknowledged writes lost: 7 (demanded: 0)'),
      judged('unexpected', 'pass', 'unexpected writes: 0 (demanded: 0)'),
    ]),
    knownDefect: 'patroni #2693',
  };

  test('is named by its issue, and no format shows it as a pass or a failure', () => {
    const page = html.render(defective);
    expect(page).toContain('<body class="knownDefect">');
    expect(page).toContain('Known defect patroni #2693');
    expect(markdown.render(defective)).toContain('🐞');
    expect(summary.render(defective)).toMatch(/^Verdict: KNOWN DEFECT: .*patroni #2693/m);
  });

  test('is skipped in JUnit, with the issue and the demand that does not hold', () => {
    const xml = junit.render(defective);
    expect(xml).toContain('failures="0" errors="0" skipped="1"');
    expect(xml).toContain(
      '<skipped message="known defect patroni #2693: acknowledged writes lost: 7 (demanded: 0)">',
    );
  });
});
