import type { EntryResult, PlannedEntry } from '../../src/contracts/suite.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { scenarioRegistry as registry } from './scenario-registry.ts';

/** An entry of a suite whose load lasts this long. */
export function plannedEntry(label: string, duration: string, isExclusive = false): PlannedEntry {
  const text = `name: ${label.replace('#', '-')}\nclaim: It holds.\nload: { duration: ${duration} }\nexpect: { lost: 0 }\n`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  return { label, scenario: label, set: [], seed: 1, isExclusive, plan };
}

/** The result of an entry that passed, except for the given values. */
export function entryResult(label: string, over: Partial<EntryResult> = {}): EntryResult {
  return {
    label,
    group: label,
    scenario: label,
    seed: 1,
    backend: 'local',
    set: [],
    status: 'pass',
    exitCode: 0,
    reason: null,
    startedAtMs: 0,
    durationMs: 40_000,
    directory: `${label}/20261120T200912Z`,
    log: `logs/01-${label}.log`,
    numbers: {
      runId: 'run1',
      startedAt: '2026-11-20T20:09:12.000Z',
      lossPercent: 0,
      failovers: 0,
      versions: {
        forkpoint: '0.1.0',
        node: '24.0.0',
        postgres: '15.18',
        patroni: '3.0.2',
        dcs: 'etcd 3.4.23',
      },
      attempted: 1003,
      acknowledged: 1000,
      lost: 0,
      lostLocalOnly: 0,
      unexpected: 0,
      indeterminate: 2,
      outageMs: 5230,
      ackedPerSecond: 33,
      idsPerSecond: 10_010,
    },
    ...over,
  };
}
