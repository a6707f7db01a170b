import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/contracts/evidence.ts';
import type { FaultStep } from '../../../src/contracts/scenario.ts';
import { heldLonger } from '../../../src/judge/sections/held-longer.ts';
import { notesOf } from '../../../src/judge/sections/notes.ts';
import { runFacts } from '../../../src/evidence/events/run-facts.ts';
import html from '../../../src/reporters/html.ts';
import markdown from '../../../src/reporters/markdown.ts';
import summary from '../../../src/reporters/summary.ts';
import { judgedRun } from '../../helpers/sample-results.ts';

const before = 'Patroni is paused (maintenance mode): it will fail over to no other node';
const begin: RunEvent = { type: 'load', atMs: 1_000, edge: 'begin', originNs: '1000000000' };
const run: RunEvent = {
  type: 'run',
  atMs: 0,
  runId: 'run1',
  startedAt: '2026-01-01T00:00:00.000Z',
  originNs: '0',
  versions: {},
  reproduce: '',
};

function seen(atMs: number, isPaused: boolean, isLockUnknown?: true): RunEvent {
  const topology = { syncStandbys: [], members: [], isPaused };
  return {
    type: 'topology',
    atMs,
    topology: isLockUnknown ? { ...topology, isLockUnknown } : topology,
  };
}

function notes(events: readonly RunEvent[]): readonly string[] {
  return notesOf(runFacts(events), events);
}

test('a pause that somebody begins during the load is noted with its times', () => {
  const during = [seen(900, false), seen(4_000, true), seen(4_500, true), seen(9_000, false)];
  expect(notes([run, begin, ...during, seen(11_000, true)])).toEqual([
    'Patroni was paused (maintenance mode) from 3.0 s until 8.0 s',
    'Patroni was paused (maintenance mode) from 10.0 s to the end',
  ]);
});

test('a pause from before the run is noted once, and an unknown lock is no pause', () => {
  const noted: RunEvent = { type: 'note', atMs: 100, what: before };
  expect(notes([run, noted, begin, seen(900, true), seen(2_000, true)])).toEqual([before]);
  expect(notes([run, begin, seen(900, false), seen(2_000, true, true)])).toEqual([]);
});

test('every report shows the notes', () => {
  const result = judgedRun('pass', [], { notes: [before] });
  for (const reporter of [html, markdown, summary]) {
    expect(reporter.render(result).replaceAll('\\', '')).toContain(before);
  }
});

test('a request that was refused is noted with the answer, where the scenario expects that', () => {
  const why = 'Patroni ended: system ID mismatch';
  const asked = (expected?: 'refused' | 'either'): readonly RunEvent[] => [
    {
      type: 'inject',
      atMs: 2_000,
      id: 'second',
      fault: 'second-cluster',
      targets: ['pg3'],
      plannedAtMs: 1_000,
      effects: {},
      ...(expected && { expected }),
    },
    { type: 'notCarriedOut', atMs: 2_500, id: 'second', why },
  ];
  expect(notes([run, begin, ...asked('refused')])).toEqual([
    `second was refused, as the scenario demands: ${why}`,
  ]);
  expect(notes([run, begin, ...asked('either')])).toEqual([
    `second was refused, as the scenario allows: ${why}`,
  ]);
  expect(notes([run, begin, ...asked()])).toEqual([]);
});

test('a fault that was in force clearly longer than it was to is noted, with where the time went', () => {
  const step = (holdMs: number) =>
    ({ id: 'cut', atMs: 0, fault: 'partition', params: {}, holdMs }) as unknown as FaultStep;
  const lasting = (heal: number, healed: number): readonly RunEvent[] => [
    { type: 'injected', atMs: 2_000, id: 'cut', detail: {} },
    { type: 'heal', atMs: 2_000 + heal, id: 'cut' },
    { type: 'healed', atMs: 2_000 + healed, id: 'cut' },
  ];
  expect(heldLonger(lasting(4_600, 5_500), [step(3_000)])).toEqual([
    'cut was to be in force for 3.0 s, and was for 5.5 s: its heal began 1.6 s late and took 0.9 s',
  ]);
  expect(heldLonger(lasting(3_100, 4_000), [step(3_000)])).toEqual([]);
  expect(heldLonger(lasting(30_000, 35_900), [step(30_000)])).toEqual([]);
  expect(heldLonger([], [step(3_000)])).toEqual([]);
});
