import type { CheckResult, LostRange, Result } from '../../contracts/result.ts';
import { measuredRun } from './measured.ts';
import { measuredWindows } from './windows.ts';

function check(name: string, status: CheckResult['status'], said: string): CheckResult {
  return { check: name, status, summary: said, demand: null, measured: null };
}

/** A judged run: `measuredRun` with a verdict. */
export function judgedRun(
  status: Result['status'],
  checks: readonly CheckResult[],
  run: Parameters<typeof measuredRun>[0] = {},
): Result {
  return { ...measuredRun(run), status, knownDefect: null, checks };
}

const lostRange = (writer: number): LostRange => ({
  writer,
  from: 812,
  to: 1011,
  kind: 'insert',
  ackedAtMs: [13_120, 16_044],
  node: 'pg1',
  timeline: 1,
  lsn: ['0/54686E8', '0/5480000'],
  cause: 'forked',
});

export const losing = judgedRun(
  'fail',
  [
    check('lost', 'fail', 'acknowledged writes lost: 2000 (demanded: 0)'),
    check('replicas', 'fail', 'replicas: pg2 differs'),
  ],
  {
    scenario: 'async-tail-loss',
    lossPattern: { kind: 'tail' },
    failovers: 1,
    writes: { acknowledged: 10_000, durable: 8000, lost: 2000, reissued: 1968 },
    records: { inserted: 10_000, found: 8000, lost: 2000 },
    stages: {
      attempted: 10_003,
      acknowledged: 10_000,
      written: 10_000,
      flushed: 10_000,
      onPrimary: 8000,
      onReplicas: { pg2: 7999 },
    },
    lostRanges: Array.from({ length: 10 }, (_, writer) => lostRange(writer)),
    partitions: [
      { name: 'ledger_0', expected: 5004, found: 4004, lost: 1000 },
      { name: 'ledger_1', expected: 4996, found: 3996, lost: 1000 },
    ],
    byServerId: { inList: 32, countBetween: 2000 },
    structure: [{ node: 'pg3', relation: 'ledger_pkey', message: 'unexpected zero page' }],
    replicas: [
      {
        node: 'pg2',
        status: 'differs',
        reason: null,
        lagBytes: 0,
        missing: 1,
        extra: 2,
        corrupted: 3,
      },
    ],
  },
);

export const unjudged = judgedRun(
  'unknown',
  [check('lost', 'unknown', 'acknowledged writes lost: ?')],
  {
    isInterrupted: true,
    problems: ['the run was interrupted', 'no node was read back'],
    writes: {
      durable: null,
      lost: null,
      lostUpdates: null,
      lostLocalOnly: null,
      recovered: null,
      dropped: null,
      rejected: null,
      unexpected: null,
      duplicated: null,
      corrupted: null,
    },
    records: { inserted: 1000, found: null, lost: null },
    stages: {
      attempted: 1003,
      acknowledged: 1000,
      written: null,
      flushed: null,
      onPrimary: null,
      onReplicas: { pg2: null },
    },
    lossPercent: null,
    outage: { longestMs: null, perFault: [] },
    settings: {},
    faults: [
      {
        id: 'kill-node#1',
        fault: 'kill-node',
        targets: [],
        plannedAtMs: 1000,
        injectedAtMs: null,
        inForceAtMs: null,
        healedAtMs: null,
      },
    ],
    replicas: [
      {
        node: 'pg2',
        status: 'unverifiable',
        reason: 'pg2 could not be read: refused',
        missing: 0,
        extra: 0,
        corrupted: 0,
        lagBytes: null,
      },
    ],
    journal: { operations: 1003, cuts: ['0.bin: cut off after 1003 operations'] },
  },
);

export const passing = judgedRun('pass', [
  check('lost', 'pass', 'acknowledged writes lost: 0 (demanded: 0)'),
  check('outage', 'pass', 'longest outage: 5.2 s (demanded: < 15s)'),
]);

/** A losing run with everything a chart can show: 20 s, two servers that take writes for 2 s of them. */
export const withTimeline: Result = {
  ...losing,
  faults: [
    {
      id: 'cut',
      fault: 'partition',
      targets: ['pg1'],
      plannedAtMs: 5_000,
      injectedAtMs: 5_001,
      inForceAtMs: 5_020,
      healedAtMs: 15_000,
    },
  ],
  lostRanges: Array.from({ length: 10 }, (_, writer) => ({
    ...lostRange(writer),
    ackedAtMs: [5_100, 8_000] as const,
  })),
  outage: {
    longestMs: 4_000,
    perFault: [
      {
        fault: 'cut',
        fromMs: 8_000,
        untilMs: 12_000,
        detectMs: 5_900,
        electMs: 6_000,
        firstAckMs: 6_999,
      },
    ],
  },
  phases: { ...losing.phases, loadMs: 20_000 },
  reads: {
    reads: 800,
    heartbeats: { sent: 320, acknowledged: 240 },
    staleness: { atLeastMs: 4_810, atMostMs: 4_870, atMs: 10_020, node: 'pg2' },
    stepsBack: {
      reads: 120,
      onConnection: 0,
      first: [
        {
          session: 'reader 1',
          node: 'pg2',
          atMs: 5_230,
          byMs: 150,
          before: { node: 'pg3', atMs: 5_180 },
        },
      ],
    },
    clients: { answered: 240, failed: 3, judged: 240, wrong: 0 },
    ownWrites: {
      reads: 230,
      notSeen: 12,
      first: [{ session: 'client 4', node: 'pg2', atMs: 5_310, seq: 88 }],
    },
    nodes: [
      {
        node: 'pg2',
        reads: 400,
        medianMs: 1_440,
        staleness: { atLeastMs: 4_810, atMostMs: 4_870, atMs: 10_020 },
      },
      {
        node: 'pg3',
        reads: 400,
        medianMs: 0,
        staleness: { atLeastMs: 0, atMostMs: 0, atMs: 40 },
      },
    ],
    missing: [],
  },
  rpo: { records: 2_000, bytes: 98_584, seconds: 2.9 },
  rto: { ms: 6_999 },
  rejoins: [
    {
      node: 'pg1',
      how: 'rewound',
      at: '2026-01-01T00:00:20.000Z',
      from: 'pg2',
      ms: 1_550,
      forkTimeline: 1,
      forkLsn: '0/54686E8',
      rewoundTo: '0/3000060',
      said: null,
    },
  ],
  forks: [
    {
      parentTimeline: 1,
      timeline: 2,
      lsn: '0/54686E8',
      oldPrimary: 'pg1',
      newPrimary: 'pg2',
      takenOverAtMs: 12_000,
      divergentBytes: 98_584,
    },
  ],
  windows: measuredWindows,
  timeline: {
    bucketMs: 500,
    acknowledged: everyHalfSecond((at) => (at > 8 && at < 12 ? 0 : 250)),
    failed: everyHalfSecond((at) => (at > 8 && at < 12 ? 3 : 0)),
    indeterminate: everyHalfSecond((at) => (at === 8 ? 16 : 0)),
    latencyMs: {
      p50: everyHalfSecond((at) => (at > 8 && at < 12 ? null : 1.5)),
      p99: everyHalfSecond((at) => (at > 8 && at < 12 ? null : 4 + at / 10)),
      max: everyHalfSecond((at) => (at > 8 && at < 12 ? null : 20 + at)),
    },
    roles: [
      { node: 'pg1', role: 'leader', timeline: 1, fromMs: 0, toMs: 11_000 },
      { node: 'pg1', role: 'primary', timeline: 1, fromMs: 11_000, toMs: 13_000 },
      { node: 'pg1', role: 'down', timeline: null, fromMs: 13_000, toMs: 20_000 },
      { node: 'pg2', role: 'replica', timeline: 1, fromMs: 0, toMs: 11_000 },
      { node: 'pg2', role: 'leader', timeline: 2, fromMs: 11_000, toMs: 20_000 },
      { node: 'pg3', role: 'replica', timeline: 1, fromMs: 0, toMs: 20_000 },
    ],
    unreachable: [{ node: 'pg1', fromMs: 5_010, toMs: 15_400 }],
    lagBytes: {
      pg2: Array.from({ length: 11 }, (_, second) => [second * 1_000, second * 40_000] as const),
      pg3: Array.from({ length: 20 }, (_, second) => [second * 1_000, second * 30_000] as const),
    },
    stalenessMs: {
      pg2: Array.from({ length: 11 }, (_, second) => [second * 1_000, second * 480] as const),
      pg3: Array.from({ length: 20 }, (_, second) => [second * 1_000, 0] as const),
    },
  },
};

function everyHalfSecond<T>(valueAt: (second: number) => T): T[] {
  return Array.from({ length: 40 }, (_, index) => valueAt(index / 2));
}
