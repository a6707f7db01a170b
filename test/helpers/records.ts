import type { PastRun, RunRecord } from '../../src/contracts/history.ts';

/** A line of history.jsonl for a run that passed, except for the given values. */
export function runRecord(over: Partial<RunRecord> = {}): RunRecord {
  return {
    schemaVersion: 1,
    recordedAt: '2026-11-20T20:10:00.000Z',
    runId: 'run1',
    scenario: 'partition-5s',
    backend: 'local',
    overrides: [],
    seed: 1,
    suite: null,
    startedAt: '2026-11-20T20:09:12.000Z',
    durationMs: 46_000,
    status: 'pass',
    reason: null,
    acknowledged: 1000,
    lost: 0,
    unexpected: 0,
    failovers: 0,
    outageMs: 5000,
    ackedPerSecond: 500,
    idsPerSecond: 10_000,
    commit: null,
    thresholds: null,
    versions: {
      forkpoint: '0.1.0',
      node: '24.0.0',
      postgres: '15.18',
      patroni: '3.0.2',
      dcs: 'etcd 3.4.23',
    },
    directory: 'partition-5s/20261120T200912Z',
    ...over,
  };
}

/** The same run in many nights: `statuses` is oldest first, the returned list newest first. */
export function nightsOf(
  statuses: readonly RunRecord['status'][],
  over: Partial<RunRecord> = {},
): readonly PastRun[] {
  return statuses
    .map((status, night) => {
      const day = String(night + 1).padStart(2, '0');
      const scenario = over.scenario ?? 'partition-5s';
      return {
        ...runRecord({
          runId: `${scenario}-${day}`,
          status,
          startedAt: `2026-11-${day}T02:00:30.000Z`,
          suite: `suites/nightly/202611${day}T020000Z`,
          directory: `${scenario}/202611${day}T020030Z`,
          reason: status === 'pass' ? null : 'longest outage: 19840 ms (demanded: < 15s)',
          ...over,
        }),
        hasReport: night >= statuses.length - 2,
      };
    })
    .toReversed();
}
