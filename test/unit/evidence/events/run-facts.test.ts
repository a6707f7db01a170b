import { describe, expect, it } from 'vitest';
import type { PhaseName, RunEvent } from '../../../../src/contracts/evidence.ts';
import { runFacts } from '../../../../src/evidence/events/run-facts.ts';

const run = (versions: Readonly<Record<string, string>> = {}): RunEvent => ({
  atMs: 0,
  type: 'run',
  runId: 'run1',
  startedAt: '2026-01-01T00:00:00.000Z',
  originNs: '1000000000',
  versions,
  reproduce: 'npm run scenario x',
});
const phase = (atMs: number, name: PhaseName, edge: 'begin' | 'end'): RunEvent => ({
  atMs,
  type: 'phase',
  phase: name,
  edge,
});
/** The load began 4 s into the run. */
const loadBegins: RunEvent = { atMs: 4010, type: 'load', edge: 'begin', originNs: '5000000000' };
const inject = (atMs: number, id: string, fault = 'partition'): RunEvent => ({
  atMs,
  type: 'inject',
  id,
  fault,
  targets: ['pg1'],
  plannedAtMs: atMs - 4000,
});
describe('the facts of a run', () => {
  it('exclude the time in which the cluster was only kept', () => {
    const events: readonly RunEvent[] = [
      run(),
      phase(40_000, 'judge', 'begin'),
      phase(41_000, 'judge', 'end'),
      phase(641_000, 'teardown', 'begin'),
      phase(642_500, 'teardown', 'end'),
    ];
    expect(runFacts(events).durationMs).toBe(42_500);
  });

  it('are its times, versions, clients and injections, counted from the start of the load', () => {
    const events: readonly RunEvent[] = [
      run(),
      phase(1, 'boot', 'begin'),
      phase(3001.4, 'boot', 'end'),
      {
        ...run({ postgres: '15.18' }),
        clients: { site: 'clients', where: 'this host' },
      } as RunEvent,
      phase(4005, 'load', 'begin'),
      loadBegins,
      inject(14_003.2, 'partition#1'),
      { atMs: 14_040, type: 'injected', id: 'partition#1', detail: null },
      inject(16_000, 'kill#1', 'kill-node'),
      { atMs: 19_000, type: 'heal', id: 'partition#1' },
      { atMs: 19_004, type: 'healed', id: 'partition#1' },
      { atMs: 34_000.4, type: 'load', edge: 'end' },
      phase(34_001, 'load', 'end'),
      { atMs: 34_002, type: 'problem', what: 'kill#1: healing failed' },
      phase(35_000, 'judge', 'begin'),
    ];
    const never = { seedMs: null, healMs: null, convergeMs: null, readBackMs: null };
    expect(runFacts(events)).toEqual({
      runId: 'run1',
      overrides: [],
      marks: [],
      notes: [],
      stoppedMs: undefined,
      moreWriters: 0,
      isInterrupted: false,
      startedAt: '2026-01-01T00:00:00.000Z',
      reproduce: 'npm run scenario x',
      durationMs: 35_000,
      versions: { postgres: '15.18' },
      clients: { site: 'clients', where: 'this host' },
      routes: [],
      phases: { bootMs: 3000, loadMs: 29_996, ...never, judgeMs: null, teardownMs: null },
      faults: [
        {
          id: 'partition#1',
          fault: 'partition',
          targets: ['pg1'],
          plannedAtMs: 10_003.2,
          injectedAtMs: 10_003,
          inForceAtMs: 10_040,
          healedAtMs: 15_004,
        },
        {
          id: 'kill#1',
          fault: 'kill-node',
          targets: ['pg1'],
          plannedAtMs: 12_000,
          injectedAtMs: 12_000,
          inForceAtMs: null,
          healedAtMs: null,
        },
      ],
      problems: ['kill#1: healing failed'],
      loadMs: 30_000,
      held: [],
      hasEnded: true,
      originMs: 4000,
      folder: null,
      replayOf: null,
    });
  });

  it('of a run that died during its load end with the last event, and show that the load did not end', () => {
    const { loadMs, hasEnded } = runFacts([run(), loadBegins, inject(14_000, 'partition#1')]);
    expect({ loadMs, hasEnded }).toEqual({ loadMs: 10_000, hasEnded: false });
  });

  it('show when the load was held, to its end if it was not resumed', () => {
    const load = (atMs: number, edge: 'held' | 'resumed' | 'end'): RunEvent => ({
      atMs,
      type: 'load',
      edge,
    });
    const events = [load(5_000, 'held'), load(9_000, 'resumed'), load(12_000, 'held')];
    expect(runFacts([run(), loadBegins, ...events, load(14_000, 'end')]).held).toEqual([
      { fromMs: 1_000, untilMs: 5_000 },
      { fromMs: 8_000, untilMs: 10_000 },
    ]);
  });

  it('of a run that died before its load have no length of the load', () => {
    const { loadMs, hasEnded } = runFacts([run(), phase(1, 'boot', 'begin')]);
    expect({ loadMs, hasEnded }).toEqual({ loadMs: undefined, hasEnded: false });
  });

  it('are empty if nothing was written', () => {
    const { runId, durationMs, faults } = runFacts([]);
    expect({ runId, durationMs, faults }).toEqual({ runId: undefined, durationMs: 0, faults: [] });
  });

  it('keep the last time of a phase that ran twice, as judging does', () => {
    const twice = [
      ...[phase(10, 'judge', 'begin'), phase(30, 'judge', 'end')],
      ...[phase(50, 'judge', 'begin'), phase(55, 'judge', 'end')],
    ];
    expect(runFacts([run(), ...twice]).phases.judgeMs).toBe(5);
    expect(runFacts([run(), ...twice.slice(0, 3)]).phases.judgeMs).toBe(null);
  });
});
