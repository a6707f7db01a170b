import { describe, expect, it } from 'vitest';
import type { Evidence, Measured, Verdict } from '../../../src/contracts/evidence.ts';
import type { Json } from '../../../src/contracts/json.ts';
import type { Plan } from '../../../src/contracts/scenario.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { measuredRun } from '../../helpers/result.ts';

const { checks } = await loadRegistry();

const plan = { scenario: { cluster: { nodes: 3 } } } as Plan;

function verdict(
  name: string,
  demand: Json,
  result: Measured,
  observations?: Evidence['observations'],
): Verdict {
  const check = checks.get(name);
  const parsed = check?.params.safeParse(demand);
  if (!check || !parsed?.success)
    throw new Error(`${name} does not take ${JSON.stringify(demand)}`);
  const evidence = { plan, events: [], result, ...(observations && { observations }) };
  return check.check(evidence, parsed.data);
}

type Run = Parameters<typeof measuredRun>[0];
type Row = readonly [name: string, demand: Json, run: Run, verdict: Verdict];

const pass = (summary: string, measured: Json): Verdict => ({ status: 'pass', summary, measured });
const fail = (summary: string, measured: Json): Verdict => ({ status: 'fail', summary, measured });
const unknown = (summary: string, measured: Json = null): Verdict => ({
  status: 'unknown',
  summary,
  measured,
});

const repromotion = {
  node: 'pg1',
  before: 'pg1',
  timeline: 2,
  atMs: 15_000,
  how: 'repromotion',
} as const;

const app: NonNullable<Measured['routes']>[number] = {
  name: 'app',
  via: 'haproxy',
  clients: 4,
  acknowledged: 100,
  localOnly: 0,
  failed: 1,
  indeterminate: 2,
  lost: 0,
  outageMs: 21_000,
  errors: [],
  servers: [],
  onOldPrimary: [
    {
      node: 'pg1',
      timeline: 1,
      newPrimary: 'pg2',
      sinceMs: 1_000,
      acknowledged: 7,
      untilMs: 2_000,
    },
  ],
  notes: [],
};

const lostRange = (cause: Measured['lostRanges'][number]['cause']) => ({
  writer: 3,
  from: 10,
  to: 12,
  kind: 'insert' as const,
  ackedAtMs: [1, 2] as const,
  node: 'pg1',
  timeline: 1,
  lsn: null,
  cause,
});
const restarted = { node: 'pg1', what: 'restarted' as const, fromMs: 12_100, untilMs: 14_300 };
const replicas = (over: Partial<Measured['replicas'][number]>): Run => {
  const [first, second] = measuredRun().replicas;
  return { replicas: [first!, { ...second!, ...over }] };
};
const invariants = (status: 'holds' | 'broken' | 'unknown', breaches: number | null): Run => {
  const about = { node: 'pg2', name: 'money', says: 'money stays', examples: [{ sum: 1 }] };
  return { invariants: [{ ...about, status, breaches, reason: null }] };
};
const asked = (status: string, breaches: number | null) => [
  { node: 'pg2', name: 'money', status, breaches },
];
const judged = (status: string, missing = 0) =>
  [
    { node: 'pg2', status: 'agrees', missing: 0 },
    { node: 'pg3', status, missing },
  ].map((each) => ({ ...each, extra: 0, corrupted: 0, stale: 0 }));

const knee = {
  perSecond: 1_000,
  passedAt: 1_500,
  limits: { p99Ms: 50, errorPercent: 1 },
  steps: [],
};
const searched = { throughput: { ackedPerSecond: 900, latencyMs: {}, knee } };
const found = 'knee: 1000/s kept its limits, 1500/s did not';

/** The whole load. */
const whole: NonNullable<Measured['windows']>[number] = {
  phase: null,
  stretches: [{ fromMs: 0, untilMs: 30_000 }],
  reason: null,
  attempts: { acknowledged: 997, localOnly: 0, failed: 1, indeterminate: 2 },
  gaveUp: 3,
  errorPercent: 0.3,
  latencyMs: { p50: 1.25, p95: 9, p99: 12.5, max: 5_100, count: 997 },
  ackedPerSecond: 449.96,
  availabilityPercent: 99.499,
  outageMs: 5_230,
  lagBytes: 17_624,
  splitBrainMs: 1_300,
  demotions: 1,
  demotedAgain: 0,
  failovers: 1,
  repromotions: 0,
  promotions: 1,
  leadershipChanges: 1,
  notStreaming: { node: 'pg1', leastMs: 5_200, mostMs: 5_200 },
  rtoMs: 20_764,
};
const unseen = {
  ...whole,
  reason: 'no operation was sent in it',
  errorPercent: null,
  latencyMs: null,
  ackedPerSecond: null,
  availabilityPercent: null,
  lagBytes: null,
  splitBrainMs: null,
  demotions: null,
  rtoMs: null,
};
const loads: Run = { windows: [whole] };
const streams = (notStreaming: (typeof whole)['notStreaming']): Run => ({
  windows: [{ ...whole, notStreaming: notStreaming ?? null }],
});
const doubtful = streams({ node: 'pg3', leastMs: 1_000, mostMs: 6_000 });
const doubts =
  'streaming: pg3 gave no answer, and nothing is known of it, for up to 6.0 s; without that 1.0 s at the most';
const none: Run = { windows: [unseen] };

const carriedOut = 'requests carried out that should have been refused';
const move = {
  id: 'move',
  fault: 'switchover',
  targets: [],
  expected: 'refused' as const,
  plannedAtMs: 8_000,
  injectedAtMs: 8_000,
  healedAtMs: null,
};

const byBoth = 'writes acknowledged by both of two primaries';
const twoPrimaries = (...acknowledged: readonly (readonly [string | null, number])[]): Run => ({
  splitBrains: [
    {
      nodes: ['pg1', 'pg2'],
      fromMs: 5_000,
      untilMs: 7_000,
      acknowledged: acknowledged.map(([node, writes]) => ({ node, writes })),
    },
  ],
});

const rows: readonly Row[] = [
  ['knee', '>= 1000/s', searched, pass(`${found} (demanded: >= 1000/s)`, 1_000)],
  ['knee', '>= 1500/s', searched, fail(`${found} (demanded: >= 1500/s)`, 1_000)],
  [
    ...(['errorRate', '< 1%', loads] as const),
    pass('failed and indeterminate attempts: 0.3% (demanded: < 1%)', 0.3),
  ],
  [
    ...(['errorRate', '0%', loads] as const),
    fail('failed and indeterminate attempts: 0.3% (demanded: 0%)', 0.3),
  ],
  ['availability', '> 99%', loads, pass('availability: 99.5% (demanded: > 99%)', 99.499)],
  [
    ...(['throughput', '< 450/s', loads] as const),
    pass('acknowledged writes per second: 449.96/s (demanded: < 450/s)', 449.96),
  ],
  [
    ...(['lag', '< 16MB', loads] as const),
    pass('replication lag at most: 17.6 kB (demanded: < 16MB)', 17_624),
  ],
  [
    ...(['splitBrain', '< 2s', loads] as const),
    pass('two primaries at once: 1.3 s (demanded: < 2s)', 1_300),
  ],
  ['splitBrainWrites', 0, twoPrimaries(['pg1', 7]), pass(`${byBoth}: 0 (demanded: 0)`, 0)],
  [
    ...(['splitBrainWrites', 0, twoPrimaries(['pg1', 7], ['pg2', 3])] as const),
    fail(`${byBoth}: 10 (demanded: 0)`, 10),
  ],
  [
    ...(['splitBrainWrites', 0, twoPrimaries(['pg1', 7], [null, 3])] as const),
    unknown(`${byBoth}: could not be measured (demanded: 0)`),
  ],
  [
    ...(['splitBrainWrites', 0, { splitBrains: null }] as const),
    unknown(`${byBoth}: could not be measured (demanded: 0)`),
  ],
  ...(
    [
      [
        { isNotCarriedOut: true as const, inForceAtMs: null },
        pass(`${carriedOut}: 0 (demanded: 0)`, 0),
      ],
      [{ inForceAtMs: 9_000 }, fail(`${carriedOut}: 1 (demanded: 0)`, 1)],
      // Its injection failed: whether it was carried out is unknown.
      [{ inForceAtMs: null }, unknown(`${carriedOut}: could not be measured (demanded: 0)`)],
    ] as const
  ).map(([seen, verdict]): Row => ['notRefused', 0, { faults: [{ ...move, ...seen }] }, verdict]),
  ['gaveUp', 3, loads, pass('operations that gave up: 3 (demanded: 3)', 3)],
  ['gaveUp', 0, loads, fail('operations that gave up: 3 (demanded: 0)', 3)],
  ['gaveUp', 0, {}, unknown('operations that gave up: could not be measured (demanded: 0)')],
  ['demotions', 1, loads, pass('demotions: 1 (demanded: 1)', 1)],
  ['promotions', 1, loads, pass('promotions: 1 (demanded: 1)', 1)],
  ['promotions', 0, loads, fail('promotions: 1 (demanded: 0)', 1)],
  ['leadershipChanges', 1, loads, pass('changes of leadership: 1 (demanded: 1)', 1)],
  ['leadershipChanges', 0, loads, fail('changes of leadership: 1 (demanded: 0)', 1)],
  [
    ...(['leadershipChanges', 0, {}] as const),
    unknown('changes of leadership: could not be measured (demanded: 0)'),
  ],
  ['demotedAgain', 0, loads, pass('demotions of a node demoted before: 0 (demanded: 0)', 0)],
  [
    ...(['demotedAgain', 0, { windows: [{ ...whole, demotedAgain: 2 }] }] as const),
    fail('demotions of a node demoted before: 2 (demanded: 0)', 2),
  ],
  [
    ...(['streaming', 'throughout', streams({ node: null, leastMs: 0, mostMs: 0 })] as const),
    pass('streaming: every replica all the time (demanded: throughout)', { leastMs: 0, mostMs: 0 }),
  ],
  [
    ...(['streaming', 'throughout', loads] as const),
    fail('streaming: pg1 not for 5.2 s (demanded: throughout)', { leastMs: 5_200, mostMs: 5_200 }),
  ],
  [
    ...(['streaming', '< 6s', loads] as const),
    pass('streaming: pg1 not for 5.2 s (demanded: < 6s)', { leastMs: 5_200, mostMs: 5_200 }),
  ],
  [
    ...(['streaming', '< 60s', streams({ node: 'pg3', leastMs: 5_000, mostMs: null })] as const),
    unknown('streaming: pg3 not for 5.0 s, and not again until the end (demanded: < 1m)', {
      leastMs: 5_000,
      mostMs: null,
    }),
  ],
  [
    ...(['streaming', '< 5s', streams({ node: 'pg3', leastMs: 5_000, mostMs: null })] as const),
    fail('streaming: pg3 not for 5.0 s, and not again until the end (demanded: < 5s)', {
      leastMs: 5_000,
      mostMs: null,
    }),
  ],
  [
    ...(['streaming', '< 5s', doubtful] as const),
    unknown(`${doubts} (demanded: < 5s)`, { leastMs: 1_000, mostMs: 6_000 }),
  ],
  [
    ...(['streaming', '< 1s', doubtful] as const),
    fail(`${doubts} (demanded: < 1s)`, { leastMs: 1_000, mostMs: 6_000 }),
  ],
  [
    ...(['streaming', 'throughout', {}] as const),
    unknown('streaming: no replica was seen, or not all the time (demanded: throughout)'),
  ],
  [
    ...(['rto', '< 30s', loads] as const),
    pass('time to the first write after a takeover: 20.8 s (demanded: < 30s)', 20_764),
  ],
  [
    ...(['latency', { p50: '< 50ms' }, loads] as const),
    pass('latency: p50 1.25 ms (demanded: < 50ms)', { p50: 1.25 }),
  ],
  [
    ...(['lossPercent', '< 1%', { lossPercent: 0.0004 }] as const),
    pass('lost of the acknowledged writes: 0.0004% (demanded: < 1%)', 0.0004),
  ],
  [...(['rpo', { records: 0 }, {}] as const), pass('rpo: records 0 (demanded: 0)', { records: 0 })],
  [
    ...(['availability', '>= 99.5%', loads] as const),
    fail('availability: 99.499% (demanded: >= 99.5%)', 99.499),
  ],
  [
    ...(['throughput', '>= 450/s', loads] as const),
    fail('acknowledged writes per second: 449.96/s (demanded: >= 450/s)', 449.96),
  ],
  [
    ...(['lag', '< 16kB', loads] as const),
    fail('replication lag at most: 17.6 kB (demanded: < 16kB)', 17_624),
  ],
  [
    ...(['splitBrain', '0s', loads] as const),
    fail('two primaries at once: 1.3 s (demanded: 0s)', 1_300),
  ],
  ['demotions', 0, loads, fail('demotions: 1 (demanded: 0)', 1)],
  [
    ...(['rto', '< 20s', loads] as const),
    fail('time to the first write after a takeover: 20.8 s (demanded: < 20s)', 20_764),
  ],
  [
    ...(['latency', { p50: '< 1.2ms', p95: '8.99ms..9ms' }, loads] as const),
    fail('latency: p50 1.25 ms (demanded: < 1.2ms); p95 9 ms (demanded: 8.99ms..9ms)', {
      p50: 1.25,
      p95: 9,
    }),
  ],
  [
    ...(['latency', { p99: '< 50ms', max: '< 5s' }, loads] as const),
    fail('latency: p99 12.5 ms (demanded: < 50ms); max 5.1 s (demanded: < 5s)', {
      p99: 12.5,
      max: 5_100,
    }),
  ],
  [
    ...(['latency', { p999: '< 50ms' }, loads] as const),
    unknown('latency: p999 could not be measured (demanded: < 50ms)', { p999: null }),
  ],
  [
    ...(['latency', { p99: '< 50ms' }, none] as const),
    unknown('latency: p99 could not be measured (demanded: < 50ms): no operation was sent in it', {
      p99: null,
    }),
  ],
  ...(
    [
      ['errorRate', '0%', 'failed and indeterminate attempts'],
      ['availability', '>= 0%', 'availability'],
      ['throughput', '>= 0/s', 'acknowledged writes per second'],
      ['lag', '>= 0B', 'replication lag at most'],
      ['splitBrain', '0s', 'two primaries at once'],
      ['demotions', '0', 'demotions'],
      ['rto', '>= 0s', 'time to the first write after a takeover'],
    ] as const
  ).flatMap(([name, demand, noun]): Row[] => [
    [name, demand, {}, unknown(`${noun}: could not be measured (demanded: ${demand})`)],
    [name, demand, none, unknown(`${noun}: could not be measured (demanded: ${demand})`)],
  ]),
  [
    ...(['lossPercent', '0%', { lossPercent: 0.0004 }] as const),
    fail('lost of the acknowledged writes: 0.0004% (demanded: 0%)', 0.0004),
  ],
  [
    ...(['lossPercent', '0%', { lossPercent: null }] as const),
    unknown('lost of the acknowledged writes: could not be measured (demanded: 0%)'),
  ],
  [
    'rpo',
    { records: 0, bytes: '< 1kB', seconds: '< 2s' },
    { rpo: { records: 3, bytes: null, seconds: 1.5 } },
    fail(
      'rpo: records 3 (demanded: 0); bytes could not be measured (demanded: < 1kB); seconds at least 1.5 s (demanded: < 2s)',
      { records: 3, bytes: null, seconds: 1_500 },
    ),
  ],
  [
    ...(['rpo', { bytes: '< 1kB' }, { rpo: { records: 3, bytes: null, seconds: 1 } }] as const),
    unknown('rpo: bytes could not be measured (demanded: < 1kB)', { bytes: null }),
  ],
  [
    ...(['rpo', { seconds: '< 2s' }, { rpo: { records: 3, bytes: 1, seconds: 1.5 } }] as const),
    unknown('rpo: seconds at least 1.5 s (demanded: < 2s)', { seconds: 1_500 }),
  ],
  [
    ...(['rpo', { seconds: '< 1s' }, { rpo: { records: 3, bytes: 1, seconds: 1.5 } }] as const),
    fail('rpo: seconds at least 1.5 s (demanded: < 1s)', { seconds: 1_500 }),
  ],
  ['lost', 0, {}, pass('acknowledged writes lost: 0 (demanded: 0)', 0)],
  ['lost', 0, { writes: { lost: 2 } }, fail('acknowledged writes lost: 2 (demanded: 0)', 2)],
  ['lost', 0, { writes: { lostUpdates: 1 } }, fail('acknowledged writes lost: 1 (demanded: 0)', 1)],
  [
    'lost',
    '>= 1',
    { writes: { lost: 4 } },
    pass('acknowledged writes lost: 4 (demanded: >= 1)', 4),
  ],
  ['lost', '>= 1', {}, fail('acknowledged writes lost: 0 (demanded: >= 1)', 0)],
  [
    ...(['lost', 0, { writes: { lost: null } }] as const),
    unknown('acknowledged writes lost: could not be measured (demanded: 0)'),
  ],
  [
    ...(['lost', 0, { writes: { lostUpdates: null } }] as const),
    unknown('acknowledged writes lost: could not be measured (demanded: 0)'),
  ],
  [
    ...(['unplanned', 0, { unplanned: [] }] as const),
    pass('servers that ended or started unplanned: 0 (demanded: 0)', 0),
  ],
  [
    ...(['unplanned', 0, { unplanned: [restarted] }] as const),
    fail('servers that ended or started unplanned: 1 (demanded: 0)', 1),
  ],
  [
    ...(['unplanned', 0, { unplanned: null }] as const),
    unknown('servers that ended or started unplanned: could not be measured (demanded: 0)'),
  ],
  ['lostLocalOnly', 0, {}, pass('localOnly writes lost: 0 (demanded: 0)', 0)],
  [
    ...(['lostLocalOnly', 0, { writes: { lostLocalOnly: 5 } }] as const),
    fail('localOnly writes lost: 5 (demanded: 0)', 5),
  ],
  [
    ...(['lostLocalOnly', 0, { writes: { lostLocalOnly: null } }] as const),
    unknown('localOnly writes lost: could not be measured (demanded: 0)'),
  ],
  ['unexpected', 0, {}, pass('unexpected writes: 0 (demanded: 0)', 0)],
  ['unexpected', 0, { writes: { unexpected: 1 } }, fail('unexpected writes: 1 (demanded: 0)', 1)],
  [
    ...(['unexpected', 0, { writes: { unexpected: null } }] as const),
    unknown('unexpected writes: could not be measured (demanded: 0)'),
  ],
  ['duplicated', 0, {}, pass('duplicated rows: 0 (demanded: 0)', 0)],
  ['duplicated', 0, { writes: { duplicated: 1 } }, fail('duplicated rows: 1 (demanded: 0)', 1)],
  [
    ...(['duplicated', 0, { writes: { duplicated: null } }] as const),
    unknown('duplicated rows: could not be measured (demanded: 0)'),
  ],
  ['corrupted', 0, {}, pass('corrupted rows and structures: 0 (demanded: 0)', 0)],
  [
    ...(['corrupted', 0, { writes: { corrupted: 3 } }] as const),
    fail('corrupted rows and structures: 3 (demanded: 0)', 3),
  ],
  [
    'corrupted',
    0,
    { structure: [{ node: 'pg2', relation: 'ledger_pkey', message: 'broken' }] },
    fail('corrupted rows and structures: 1 (demanded: 0)', 1),
  ],
  [
    ...(['corrupted', 0, { writes: { corrupted: null } }] as const),
    unknown('corrupted rows and structures: could not be measured (demanded: 0)'),
  ],
  [
    ...(['reissued', '>= 1', { writes: { reissued: 7 } }] as const),
    pass('server-made ids handed out twice: 7 (demanded: >= 1)', 7),
  ],
  [
    ...(['reissued', 0, { writes: { reissued: 7 } }] as const),
    fail('server-made ids handed out twice: 7 (demanded: 0)', 7),
  ],
  [
    ...(['reissued', 0, {}] as const),
    unknown('server-made ids handed out twice: could not be measured (demanded: 0)'),
  ],
  ['indeterminate', '< 3', {}, pass('indeterminate writes: 2 (demanded: < 3)', 2)],
  [
    'recovered',
    '>= 1',
    { writes: { recovered: 3 } },
    pass('recovered writes: 3 (demanded: >= 1)', 3),
  ],
  [
    'recovered',
    '>= 1',
    { writes: { recovered: 0 } },
    fail('recovered writes: 0 (demanded: >= 1)', 0),
  ],
  ['indeterminate', 0, {}, fail('indeterminate writes: 2 (demanded: 0)', 2)],
  ['failovers', 0, {}, pass('failovers: 0 (demanded: 0)', 0)],
  ['failovers', 0, { failovers: 1 }, fail('failovers: 1 (demanded: 0)', 1)],
  ['repromotions', 0, { leaderChanges: [] }, pass('repromotions: 0 (demanded: 0)', 0)],
  ['repromotions', 0, { leaderChanges: [repromotion] }, fail('repromotions: 1 (demanded: 0)', 1)],
  ['outage', '< 15s', {}, pass('longest outage: 5.2 s (demanded: < 15s)', 5230)],
  ['outage', '< 5s', {}, fail('longest outage: 5.2 s (demanded: < 5s)', 5230)],
  [
    ...(['outage', '< 5s', { outage: { longestMs: null, perFault: [] } }] as const),
    unknown('longest outage: could not be measured (demanded: < 5s)'),
  ],
  ['pattern', 'none', {}, pass('loss pattern: none (demanded: none)', { kind: 'none' })],
  [
    ...(['pattern', 'tail', { lossPattern: { kind: 'scattered' } }] as const),
    fail('loss pattern: scattered (demanded: tail)', { kind: 'scattered' }),
  ],
  [
    ...([
      'pattern',
      'none',
      { lossPattern: { kind: 'periodic', modulus: 10, remainder: 3 } },
    ] as const),
    fail('loss pattern: periodic, every 10 (demanded: none)', {
      kind: 'periodic',
      modulus: 10,
      remainder: 3,
    }),
  ],
  [
    ...(['pattern', 'none', { writes: { lost: null } }] as const),
    unknown('loss pattern: could not be measured (demanded: none)'),
  ],
  [
    ...(['converged', 'any', { converged: { ok: false, reason: 'pg2 is down' } }] as const),
    pass('converged: no: pg2 is down (demanded: any)', false),
  ],
  ['converged', true, {}, pass('converged: yes (demanded: yes)', true)],
  [
    ...(['converged', true, { converged: { ok: false, reason: 'pg2 is down' } }] as const),
    fail('converged: no: pg2 is down (demanded: yes)', false),
  ],
  [
    ...([
      'converged',
      true,
      { converged: { ok: null, reason: 'the run did not get that far' } },
    ] as const),
    unknown('converged: the run did not get that far'),
  ],
  ['explained', true, {}, pass('explained: no write is lost', [])],
  [
    ...([
      'explained',
      true,
      { lostRanges: [lostRange('forked'), lostRange('unexplained')] },
    ] as const),
    fail('explained: 1 ranges of lost writes without an explanation', [
      { writer: 3, from: 10, to: 12 },
    ]),
  ],
  [
    ...(['explained', true, { lostRanges: [lostRange(null)] }] as const),
    unknown('explained: the cause of 1 lost ranges could not be determined', []),
  ],
  [
    ...(['explained', true, { writes: { lost: null } }] as const),
    unknown('explained: the loss could not be measured'),
  ],
  [
    ...(['invariants', 'hold', invariants('holds', 0)] as const),
    pass('invariants: all hold on every node (demanded: hold)', asked('holds', 0)),
  ],
  [
    ...(['invariants', 'hold', invariants('broken', 2)] as const),
    fail(
      'invariants: money is broken on pg2 (money stays): 2 rows, the first {"sum":1} (demanded: hold)',
      asked('broken', 2),
    ),
  ],
  [
    ...(['invariants', 'hold', invariants('unknown', null)] as const),
    unknown(
      'invariants: money on pg2 unknown: no reason given (demanded: hold)',
      asked('unknown', null),
    ),
  ],
  [
    ...(['replicas', 'agree', {}] as const),
    pass('replicas: pg2 agrees, pg3 agrees (demanded: agree)', judged('agrees')),
  ],
  [
    ...(['replicas', 'agree', replicas({ status: 'differs', missing: 4 })] as const),
    fail(
      'replicas: pg2 agrees, pg3 differs (4 missing, 0 extra, 0 stale, 0 corrupted) (demanded: agree)',
      judged('differs', 4),
    ),
  ],
  [
    ...(['replicas', 'any', replicas({ status: 'differs', missing: 4 })] as const),
    pass(
      'replicas: pg2 agrees, pg3 differs (4 missing, 0 extra, 0 stale, 0 corrupted) (demanded: any)',
      judged('differs', 4),
    ),
  ],
  [
    ...(['replicas', 'agree', replicas({ status: 'unverifiable', reason: 'it is down' })] as const),
    unknown(
      'replicas: pg2 agrees, pg3 unverifiable: it is down (demanded: agree)',
      judged('unverifiable'),
    ),
  ],
  [
    ...(['replicas', 'agree', { replicas: measuredRun().replicas.slice(0, 1) }] as const),
    unknown(
      'replicas: pg2 agrees (demanded: agree): the scenario plans 3 nodes, and 1 of 2 replicas were compared',
      judged('agrees').slice(0, 1),
    ),
  ],
  [
    ...(['replicas', 'agree', { replicas: [], verification: null }] as const),
    unknown('replicas: no node was read', []),
  ],
  [
    ...(['routes', { app: { lost: 0, outage: '< 10s' } }, { routes: [app] }] as const),
    fail('routes: app: lost 0 (demanded: 0); app: outage 21.0 s (demanded: < 10s)', {
      'app.lost': 0,
      'app.outage': 21_000,
    }),
  ],
  [
    ...(['routes', { app: { onOldPrimary: '>= 1' } }, { routes: [app] }] as const),
    pass('routes: app: acknowledged by an old primary 7 (demanded: >= 1)', {
      'app.onOldPrimary': 7,
    }),
  ],
  [
    ...([
      'routes',
      { app: { onOldPrimary: 0 } },
      { routes: [{ ...app, onOldPrimary: null }] },
    ] as const),
    unknown('routes: app: acknowledged by an old primary could not be measured (demanded: 0)', {
      'app.onOldPrimary': null,
    }),
  ],
  [
    ...(['routes', { app: { lost: 0 } }, {}] as const),
    unknown('routes: app: lost could not be measured (demanded: 0)', { 'app.lost': null }),
  ],
  [
    ...(['rejoined', 'none', {}] as const),
    pass('rejoined: their logs show neither a rewind nor a new clone (demanded: none)', []),
  ],
  [
    ...(['rejoined', 'rewound', {}] as const),
    fail('rejoined: their logs show neither a rewind nor a new clone (demanded: rewound)', []),
  ],
  [
    ...([
      'rejoined',
      'rewound',
      {
        converged: {
          ok: false,
          reason: null,
          nodes: [
            {
              node: 'pg2',
              state: 'pg2 is on another history',
              cause: null,
              slot: null,
              log: null,
              advice: '',
            },
          ],
        },
      },
    ] as const),
    fail(
      'rejoined: their logs show neither a rewind nor a new clone; pg2 has not come back: pg2 is on another history (demanded: rewound)',
      [],
    ),
  ],
  [
    ...(['rejoined', 'none', { rejoins: null }] as const),
    unknown("rejoined: Patroni's logs are missing", null),
  ],
];

/** A run whose clients read after writes of their own. */
const ownReads = (notSeen: number, missing: readonly string[] = []): Run => ({
  reads: {
    reads: 100,
    heartbeats: { sent: 40, acknowledged: 39 },
    staleness: null,
    stepsBack: { reads: 0, onConnection: 0, first: [] },
    clients: { answered: 100, failed: 0, judged: 100, wrong: 0 },
    ownWrites: {
      reads: 90,
      notSeen,
      first: notSeen === 0 ? [] : [{ session: 'client 3', node: 'pg3', atMs: 4_100, seq: 17 }],
    },
    nodes: [],
    missing,
  },
});

/** A run whose stalest read showed a state of this age. */
const stale = (
  atLeastMs: number,
  atMostMs: number,
  missing: readonly string[] = [],
): NonNullable<Run> => ({
  reads: {
    reads: 100,
    heartbeats: { sent: 40, acknowledged: 39 },
    staleness: { atLeastMs, atMostMs, atMs: 7_250, node: 'pg3' },
    stepsBack: { reads: 0, onConnection: 0, first: [] },
    nodes: [],
    missing,
  },
});
const stepped = (reads: number, missing: readonly string[] = []): Run => {
  const step = { session: 'reader 2', node: 'pg3', atMs: 4_100, byMs: 2_000 };
  const first = reads === 0 ? [] : [{ ...step, before: { node: 'pg1', atMs: 4_000 } }];
  const { reads: found } = stale(0, 40, missing);
  return found ? { reads: { ...found, stepsBack: { reads, onConnection: 0, first } } } : {};
};
type Consumer = NonNullable<Measured['downstream']>[number];
/** A run whose two consumers are alike. */
const consumed = (found: Partial<Consumer>): Run => {
  const feed: Consumer = {
    name: 'feed',
    reason: null,
    expected: 100,
    delivered: 100,
    missing: 0,
    skipped: 0,
    missingAt: { slot: 0, consumer: 0, sink: 0 },
    duplicates: 0,
    outOfOrder: 0,
    corrupted: 0,
    phantoms: 0,
    longestLagMs: 700,
    gaps: [],
    missingRanges: [],
    confirmedLsn: '0/3000060',
    starts: 1,
    stopped: null,
    ...found,
  };
  return { downstream: [feed, { ...feed, name: 'other' }] };
};
const unreadSink: Partial<Consumer> = {
  reason: 'its sink could not be read',
  expected: null,
  delivered: null,
  missing: null,
  missingAt: null,
  skipped: null,
  duplicates: null,
  outOfOrder: null,
  corrupted: null,
  phantoms: null,
  longestLagMs: null,
};
const gap = { fromLsn: '0/3000060', toLsn: '0/4000000', why: 'the slot is gone' };
const atSlot = { slot: 2, consumer: 0, sink: 0 };
const inConsumer = { slot: 1, consumer: 1, sink: 0 };
const countOfConsumers = (name: string, noun: string, found: Partial<Consumer>): readonly Row[] => [
  [name, 0, consumed({}), pass(`${noun}: 0 (demanded: 0)`, 0)],
  [name, 0, consumed(found), fail(`${noun}: 4 (demanded: 0)`, 4)],
];
const ofConsumers: readonly Row[] = [
  ...countOfConsumers('duplicates', 'duplicate deliveries', { duplicates: 2 }),
  ...countOfConsumers('undelivered', 'writes not delivered', { missing: 2 }),
  [
    ...([
      'undeliveredAt',
      { slot: 4, sink: 0 },
      consumed({ missing: 2, missingAt: atSlot }),
    ] as const),
    pass('undelivered at: slot 4 (demanded: 4); sink 0 (demanded: 0)', { slot: 4, sink: 0 }),
  ],
  [
    ...([
      'undeliveredAt',
      { slot: 4, consumer: 0 },
      consumed({ missing: 2, missingAt: inConsumer }),
    ] as const),
    fail('undelivered at: slot 2 (demanded: 4); consumer 2 (demanded: 0)', {
      slot: 2,
      consumer: 2,
    }),
  ],
  [
    ...(['undeliveredAt', { slot: 4 }, consumed({ missing: 2, missingAt: null })] as const),
    unknown('undelivered at: slot could not be measured (demanded: 4)', { slot: null }),
  ],
  [
    ...(['undeliveredAt', { slot: 0 }, consumed({ missing: 0, missingAt: null })] as const),
    pass('undelivered at: slot 0 (demanded: 0)', { slot: 0 }),
  ],
  ...countOfConsumers('phantoms', 'phantoms delivered', { phantoms: 2 }),
  ...countOfConsumers('outOfOrder', 'writes delivered out of order', { outOfOrder: 2 }),
  ...countOfConsumers('skipped', 'writes skipped without a word', { skipped: 2 }),
  ...countOfConsumers('namedGaps', 'gaps named by consumers', { gaps: [gap, gap] }),
  [
    ...(['duplicates', 0, consumed(unreadSink)] as const),
    unknown('duplicate deliveries: could not be measured (demanded: 0)'),
  ],
  [
    ...(['duplicates', 0, {}] as const),
    unknown('duplicate deliveries: could not be measured (demanded: 0)'),
  ],
  [
    ...(['deliveryLag', '< 5s', consumed({})] as const),
    pass('longest delivery lag: 0.7 s (demanded: < 5s)', 700),
  ],
  [
    ...(['deliveryLag', '< 5s', consumed({ longestLagMs: 6_000 })] as const),
    fail('longest delivery lag: 6.0 s (demanded: < 5s)', 6_000),
  ],
  [
    ...(['deliveryLag', '< 5s', consumed(unreadSink)] as const),
    unknown('longest delivery lag: could not be measured (demanded: < 5s)'),
  ],
  [
    ...(['delivered', 'all', consumed({})] as const),
    pass('delivered: 200 writes, 0 missing, 0 corrupted (demanded: all)', {
      delivered: 200,
      missing: 0,
      corrupted: 0,
    }),
  ],
  [
    ...(['delivered', 'all', consumed({ delivered: 99, missing: 1 })] as const),
    fail('delivered: 198 writes, 2 missing, 0 corrupted (demanded: all)', {
      delivered: 198,
      missing: 2,
      corrupted: 0,
    }),
  ],
  [
    ...(['delivered', 'all', consumed({ corrupted: 1 })] as const),
    fail('delivered: 200 writes, 0 missing, 2 corrupted (demanded: all)', {
      delivered: 200,
      missing: 0,
      corrupted: 2,
    }),
  ],
  [
    ...(['delivered', 'all', consumed(unreadSink)] as const),
    unknown('delivered: its sink could not be read (demanded: all)'),
  ],
  [
    ...(['delivered', 'all', consumed({ expected: 0, delivered: 0 })] as const),
    unknown('delivered: nothing was delivered, or nothing is known of it (demanded: all)'),
  ],
];

type Archive = NonNullable<Measured['archive']>;
const restored: Archive['restores'][number] = {
  ...{ to: 'end', reason: null, isRefused: false, lsn: null },
  ...{ reachedTimeline: 2, reachedLsn: '0/9000000' },
  ...{ expected: 100, missing: 0, extra: 0, corrupted: 0, missingRanges: [] },
};
const restores = (found: Partial<typeof restored>, flaws: Archive['flaws'] = []): Run => {
  const fork = { ...restored, to: 'fork', lsn: '0/7073420', ...found } as const;
  return { archive: { reason: null, needed: 4, flaws, partial: [], restores: [restored, fork] } };
};
const hole: Archive['flaws'][number] = {
  ...{ kind: 'neverArchived', segment: '000000010000000000000007', timeline: 1, lsn: '0/7000000' },
  what: 'no node archived it',
};
const toEnd = 'to the end, of 100 writes 0 are missing, 0 too many, 0 corrupted';
const toFork = 'to the fork at 0/7073420, of 100 writes';
const refusal = 'recovery ended before configured recovery target was reached';
const ofArchive: readonly Row[] = [
  [
    ...(['restorable', 'yes', restores({})] as const),
    pass(
      `restorable: yes: ${toEnd}; ${toFork} 0 are missing, 0 too many, 0 corrupted (demanded: yes)`,
      { flaws: 0, restores: [0, 0] },
    ),
  ],
  [
    ...(['restorable', 'yes', restores({ missing: 2 })] as const),
    fail(`restorable: no: ${toFork} 2 are missing, 0 too many, 0 corrupted (demanded: yes)`, {
      flaws: 0,
      restores: [0, 2],
    }),
  ],
  [
    ...(['restorable', 'no', restores({ missing: 2 })] as const),
    pass(`restorable: no: ${toFork} 2 are missing, 0 too many, 0 corrupted (demanded: no)`, {
      flaws: 0,
      restores: [0, 2],
    }),
  ],
  [
    ...(['restorable', 'yes', restores({ extra: 1 })] as const),
    fail(`restorable: no: ${toFork} 0 are missing, 1 too many, 0 corrupted (demanded: yes)`, {
      flaws: 0,
      restores: [0, 0],
    }),
  ],
  [
    ...(['restorable', 'yes', restores({}, [hole])] as const),
    fail('restorable: no: 000000010000000000000007: no node archived it (demanded: yes)', {
      flaws: 1,
      restores: [0, 0],
    }),
  ],
  [
    ...([
      'restorable',
      'yes',
      restores({ isRefused: true, reason: refusal, missing: null }),
    ] as const),
    fail(`restorable: no: to the fork at 0/7073420: ${refusal} (demanded: yes)`, {
      flaws: 0,
      restores: [0, null],
    }),
  ],
  [
    ...(['restorable', 'yes', restores({ reason: 'no room in /tmp', missing: null })] as const),
    unknown('restorable: unknown: no room in /tmp (demanded: yes)', {
      flaws: 0,
      restores: [0, null],
    }),
  ],
  [
    ...(['restorable', 'no', {}] as const),
    unknown('restorable: unknown: nothing was restored (demanded: no)'),
  ],
];

const ofReads: readonly Row[] = [
  [
    ...(['readYourWrites', 0, ownReads(0)] as const),
    pass('own writes not seen: 0 of 90 reads (demanded: 0)', { reads: 90, notSeen: 0 }),
  ],
  [
    ...(['readYourWrites', 0, ownReads(2, ['a worker died'])] as const),
    fail(
      'own writes not seen: 2 of 90 reads, the first by client 3 on pg3 at 4.1 s: row 17; a worker died (demanded: 0)',
      { reads: 90, notSeen: 2 },
    ),
  ],
  [
    ...(['readYourWrites', 0, ownReads(0, ['a worker died'])] as const),
    unknown('own writes not seen: 0 of 90 reads; a worker died (demanded: 0)', {
      reads: 90,
      notSeen: 0,
    }),
  ],
  [
    ...(['readYourWrites', 0, {}] as const),
    unknown('own writes not seen: no client read after a write of its own (demanded: 0)'),
  ],
  [
    ...(['wrongReads', 0, ownReads(0)] as const),
    pass('wrong reads: 0 of 100 (demanded: 0)', { reads: 100, wrong: 0 }),
  ],
  [
    ...(['staleness', '< 5s', stale(2_010, 2_060)] as const),
    pass('staleness: at least 2.01 s and at most 2.06 s: pg3 at 7.3 s (demanded: < 5s)', {
      atLeastMs: 2_010,
      atMostMs: 2_060,
    }),
  ],
  [
    ...(['staleness', '< 2s', stale(2_010, 2_060)] as const),
    fail('staleness: at least 2.01 s and at most 2.06 s: pg3 at 7.3 s (demanded: < 2s)', {
      atLeastMs: 2_010,
      atMostMs: 2_060,
    }),
  ],
  [
    ...(['staleness', '< 2s', stale(1_980, 2_060)] as const),
    unknown('staleness: at least 1.98 s and at most 2.06 s: pg3 at 7.3 s (demanded: < 2s)', {
      atLeastMs: 1_980,
      atMostMs: 2_060,
    }),
  ],
  [
    ...(['staleness', '< 5s', stale(2_010, 2_060, ['a worker died'])] as const),
    unknown('staleness: at least 2.01 s: pg3 at 7.3 s; a worker died (demanded: < 5s)', {
      atLeastMs: 2_010,
      atMostMs: null,
    }),
  ],
  [
    ...(['staleness', '> 1s', stale(0, 900)] as const),
    fail('staleness: at least 0.00 s and at most 0.90 s (demanded: > 1s)', {
      atLeastMs: 0,
      atMostMs: 900,
    }),
  ],
  [
    ...(['staleness', '2s..3s', stale(2_010, 2_060)] as const),
    pass('staleness: at least 2.01 s and at most 2.06 s: pg3 at 7.3 s (demanded: 2s..3s)', {
      atLeastMs: 2_010,
      atMostMs: 2_060,
    }),
  ],
  [
    ...(['staleness', '3s..4s', stale(2_010, 5_000)] as const),
    unknown('staleness: at least 2.01 s and at most 5.00 s: pg3 at 7.3 s (demanded: 3s..4s)', {
      atLeastMs: 2_010,
      atMostMs: 5_000,
    }),
  ],
  [
    ...(['staleness', '< 5s', {}] as const),
    unknown('staleness: no read showed which state it saw (demanded: < 5s)'),
  ],
  [
    ...(['monotonicReads', 0, stepped(0)] as const),
    pass('steps back: 0 of 100 reads (demanded: 0)', { reads: 0, onConnection: 0 }),
  ],
  [
    ...(['monotonicReads', 0, stepped(3, ['a worker died'])] as const),
    fail(
      'steps back: 3 of 100 reads, the first reader 2: pg1 at 4.0 s, then pg3 at 4.1 s, by 2.00 s; a worker died (demanded: 0)',
      { reads: 3, onConnection: 0 },
    ),
  ],
  [
    ...(['monotonicReads', 0, stepped(0, ['a worker died'])] as const),
    unknown('steps back: 0 of 100 reads; a worker died (demanded: 0)', {
      reads: 0,
      onConnection: 0,
    }),
  ],
  [
    ...(['monotonicReads', '>= 1', stepped(3, ['a worker died'])] as const),
    pass(
      'steps back: 3 of 100 reads, the first reader 2: pg1 at 4.0 s, then pg3 at 4.1 s, by 2.00 s; a worker died (demanded: >= 1)',
      { reads: 3, onConnection: 0 },
    ),
  ],
  [
    ...(['monotonicReads', 0, {}] as const),
    unknown('steps back: no read showed which state it saw (demanded: 0)'),
  ],
];

const read = (found: string | undefined, node = 'pg2') => ({
  reader: 0,
  read: 'total',
  node,
  sentMs: 4200.4,
  answeredMs: 4201,
  ...(found === undefined ? { problem: 'no answer in 5 s' } : { value: { found, expected: '20' } }),
});
type Seen = readonly [demand: Json, Evidence['observations'] | undefined, Verdict];
const seenByReaders: readonly Seen[] = [
  [
    0,
    { observations: [read('20'), read(undefined)], missing: [] },
    pass('wrong reads: 0 of 1 (demanded: 0)', { reads: 1, wrong: 0 }),
  ],
  [
    0,
    { observations: [read('20'), read('19', 'pg3')], missing: ['a worker died'] },
    fail(
      `wrong reads: 1 of 2, the first 'total' on pg3 at 4200 ms: {"found":"19","expected":"20"} (demanded: 0)`,
      { reads: 2, wrong: 1 },
    ),
  ],
  [
    0,
    { observations: [read('20')], missing: ['a worker died'] },
    unknown('wrong reads: a worker died (demanded: 0)', { reads: 1, wrong: 0 }),
  ],
  [
    '>= 1',
    { observations: [read('20')], missing: ['a worker died'] },
    unknown('wrong reads: 0 of 1 (demanded: >= 1)', { reads: 1, wrong: 0 }),
  ],
  [
    0,
    undefined,
    unknown('wrong reads: no reader saw a value that has one right answer (demanded: 0)', {
      reads: 0,
      wrong: 0,
    }),
  ],
];

describe('the check', () => {
  it.each(seenByReaders)('wrongReads: %j of what readers saw: %j', (demand, seen, expected) => {
    expect(verdict('wrongReads', demand, measuredRun(), seen)).toEqual(expected);
  });

  it.each([...rows, ...ofReads, ...ofConsumers, ...ofArchive])(
    '%s: %j of %j',
    (name, demand, run, expected) => {
      expect(verdict(name, demand, measuredRun(run))).toEqual(expected);
    },
  );

  it('of every shipped name has a case that passes and one that does not', () => {
    const shown = (status: (found: Verdict['status']) => boolean) =>
      new Set([
        ...[...rows, ...ofReads, ...ofConsumers, ...ofArchive]
          .filter(([, , , found]) => status(found.status))
          .map(([name]) => name),
        ...seenByReaders.filter(([, , found]) => status(found.status)).map(() => 'wrongReads'),
      ]);
    const names = [...checks.keys()].sort();
    expect([...shown((status) => status === 'pass')].sort()).toEqual(names);
    expect([...shown((status) => status === 'fail')].sort()).toEqual(names);
  });
});
