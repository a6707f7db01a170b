import { describe, expect, it } from 'vitest';
import type { CheckResult, LostRange, Result } from '../../src/contracts/result.ts';
import summary from '../../src/reporters/summary.ts';
import { measuredRun } from '../helpers/result.ts';

function check(name: string, status: CheckResult['status'], said: string): CheckResult {
  return { check: name, status, summary: said, measured: null };
}

function result(
  status: Result['status'],
  checks: readonly CheckResult[],
  run: Parameters<typeof measuredRun>[0] = {},
): Result {
  return { ...measuredRun(run), status, checks };
}

const lostRange = (writer: number): LostRange => ({
  ...{ writer, from: 812, to: 1011, kind: 'insert', ackedAtMs: [13_120, 16_044] },
  ...{ node: 'pg1', timeline: 1, lsn: ['0/54686E8', '0/5480000'], cause: 'forked' },
});

const losing = result(
  'fail',
  [
    check('lost', 'fail', 'acknowledged writes lost: 2000 (demanded: 0)'),
    check('replicas', 'fail', 'replicas: pg2 differs'),
  ],
  {
    ...{ scenario: 'async-tail-loss', lossPattern: { kind: 'tail' }, failovers: 1 },
    writes: { acknowledged: 10_000, durable: 8000, lost: 2000, reissued: 1968 },
    records: { inserted: 10_000, found: 8000, lost: 2000 },
    lostRanges: Array.from({ length: 10 }, (_, writer) => lostRange(writer)),
    partitions: [
      { name: 'ledger_0', expected: 5004, found: 4004, lost: 1000 },
      { name: 'ledger_1', expected: 4996, found: 3996, lost: 1000 },
    ],
    byServerId: { inList: 32, countBetween: 2000 },
    structure: [{ node: 'pg3', relation: 'ledger_pkey', message: 'unexpected zero page' }],
    replicas: [
      {
        ...{ node: 'pg2', status: 'differs', reason: null, lagBytes: 0 },
        ...{ missing: 1, extra: 2, corrupted: 3 },
      },
    ],
  },
);

const unjudged = result('unknown', [check('lost', 'unknown', 'acknowledged writes lost: ?')], {
  problems: ['the run was interrupted', 'no node was read back'],
  writes: {
    ...{ durable: null, lost: null, lostUpdates: null, lostLocalOnly: null, recovered: null },
    ...{ dropped: null, rejected: null, unexpected: null, duplicated: null, corrupted: null },
  },
  records: { inserted: 1000, found: null, lost: null },
  ...{ lossPercent: null, outage: { longestMs: null, perFault: [] }, settings: {} },
  faults: [
    {
      ...{ id: 'kill-node#1', fault: 'kill-node', targets: [], plannedAtMs: 1000 },
      ...{ injectedAtMs: null, inForceAtMs: null, healedAtMs: null },
    },
  ],
  replicas: [
    {
      ...{ node: 'pg2', status: 'unverifiable', reason: 'pg2 could not be read: refused' },
      ...{ missing: 0, extra: 0, corrupted: 0, lagBytes: null },
    },
  ],
  journal: { operations: 1003, cuts: ['0.bin: cut off after 1003 operations'] },
});

const passing = result('pass', [
  check('lost', 'pass', 'acknowledged writes lost: 0 (demanded: 0)'),
  check('outage', 'pass', 'longest outage: 5230 ms (demanded: < 15s)'),
]);

describe('the summary', () => {
  it.each([
    ['passing', passing],
    ['losing', losing],
    ['unknown', unjudged],
  ])('of a %s run is the one that was agreed on', async (name, of) => {
    await expect(summary.render(of)).toMatchFileSnapshot(`../golden/summary-${name}.txt`);
  });

  it.each([
    ['7 of 14876', 14_876, 7, '0.05%'],
    ['nothing', 14_876, 0, '0.00%'],
    ['nothing of nothing', 0, 0, '0.00%'],
    ['8 of 237,138, which a checker of renown rounds to nothing', 237_138, 8, '0.0034%'],
    ['1 of 100 million', 100e6, 1, '0.0000010%'],
    ['1 of 10 billion', 1e10, 1, '0.000000010%'],
    ['everything', 14_876, 14_876, '100.00%'],
  ])('shows a loss of %s as what it is', (_title, inserted, lost, shown) => {
    const records = { inserted, found: inserted - lost, lost };
    const text = summary.render(result('fail', [], { records }));
    expect(/^Data Loss Report\n(?: {2}.*\n){4}/m.exec(text)?.[0]).toBe(
      [
        'Data Loss Report',
        `  Total Records Inserted: ${inserted}`,
        `  Records Found in DB: ${inserted - lost}`,
        `  Records Lost: ${lost}`,
        `  Data Loss Percentage: ${shown}`,
        '',
      ].join('\n'),
    );
  });
});
