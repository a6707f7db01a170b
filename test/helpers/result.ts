import type { Measured } from '../../src/contracts/evidence.ts';

/**
 * A measured run of 1,000 acknowledged inserts that lost nothing, but for what is said; `writes` and the other sections
 * are given whole or in part.
 */
export function measuredRun(
  over: Partial<Omit<Measured, 'writes'>> & { readonly writes?: Partial<Measured['writes']> } = {},
): Measured {
  const { writes, ...rest } = over;
  return {
    ...{ schemaVersion: 1, scenario: 'partition-5s', claim: 'A cut costs nothing.', runId: 'run1' },
    ...{ seed: 7, startedAt: '2026-01-01T00:00:00.000Z', durationMs: 45_000, problems: [] },
    versions: {
      ...{ forkpoint: '0.1.0', node: '24.0.0', postgres: '15.18', patroni: '3.0.2' },
      dcs: 'etcd 3.4.23',
    },
    backend: 'local',
    clients: { site: 'clients', where: 'a client namespace' },
    writes: {
      ...{ attempted: 1003, acknowledged: 1000, localOnly: 0, failed: 1, indeterminate: 2 },
      ...{ durable: 1000, lost: 0, lostLocalOnly: 0, recovered: 1, dropped: 1, unexpected: 0 },
      ...{ rejected: 1, duplicated: 0, corrupted: 0, reissued: null, lostUpdates: 0 },
      ...writes,
    },
    records: { inserted: 1000, found: 1000, lost: 0 },
    ...{ lossPercent: 0, lostRanges: [], lossPattern: { kind: 'none' }, anomalies: [] },
    replicas: ['pg2', 'pg3'].map((node) => ({
      ...{ node, status: 'agrees', reason: null, missing: 0, extra: 0, corrupted: 0, lagBytes: 0 },
    })),
    outage: { longestMs: 5230, perFault: [] },
    rpo: { records: 0, bytes: null, seconds: null },
    ...{ rto: { ms: null }, forks: [], rejoins: [], staleHolders: [], failovers: 0 },
    faults: [
      {
        ...{ id: 'partition#1', fault: 'partition', targets: ['pg1'], plannedAtMs: 10_000 },
        ...{ injectedAtMs: 10_003, inForceAtMs: 10_040, healedAtMs: 15_004 },
      },
    ],
    converged: { ok: true, reason: null },
    phases: {
      ...{ bootMs: 3000, seedMs: 40, loadMs: 30_000, healMs: 1, convergeMs: 900 },
      ...{ readBackMs: 300, judgeMs: 40, teardownMs: 500 },
    },
    stages: {
      ...{ attempted: 1003, acknowledged: 1000, onPrimary: 1000 },
      onReplicas: { pg2: 1000, pg3: 1000 },
    },
    partitions: [],
    throughput: { ackedPerSecond: 33, latencyMs: {} },
    verification: { rows: 3003, nodes: 3, ms: 300, idsPerSecond: 10_010 },
    settings: { fsync: 'on', synchronous_commit: 'on', synchronous_standby_names: '' },
    durability: null,
    ...{ byServerId: null, structure: [], errors: [], timeline: null, plan: null },
    journal: { operations: 1003, cuts: [] },
    reproduce: 'npm run scenario partition-5s -- --seed 7',
    ...{ folder: 'partition-5s/20260101T000000Z', replayOf: null },
    ...rest,
  };
}
