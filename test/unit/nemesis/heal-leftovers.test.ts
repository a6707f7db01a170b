import { appendFileSync, mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Rule } from '../../../src/contracts/cluster.ts';
import type { PhaseName, RunEvent } from '../../../src/contracts/evidence.ts';
import type { Undo } from '../../../src/contracts/fault.ts';
import { appendHeal, readHeals, unhealed } from '../../../src/evidence/events/heals.ts';
import { type DeadRun, healLeftovers, leftOf } from '../../../src/nemesis/heal-leftovers.ts';
import { isHeldOpen, isUnderWay } from '../../../src/evidence/store/is-run-active.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const inject = (id: string): RunEvent => {
  return { atMs: 0, type: 'inject', id, fault: 'partition', targets: ['pg1'], plannedAtMs: 0 };
};
const undo = (id: string, step: Undo): RunEvent => ({ atMs: 0, type: 'undo', id, step });
/** A run's folder that is removed after the test. */
function deadRun(events: readonly RunEvent[]): DeadRun & Disposable {
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-dead-'));
  return {
    directory,
    events,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
const healed = (id: string): RunEvent => ({ atMs: 1, type: 'healed', id });

test('an injection is left over when it began and its healing never ended', () => {
  const events: readonly RunEvent[] = [
    ...[inject('cut#1'), inject('cut#2'), inject('cut#3'), healed('cut#1')],
    { atMs: 2, type: 'heal', id: 'cut#2' },
  ];
  expect(unhealed(events, [])).toEqual(['cut#2', 'cut#3']);
});

test('what a dead harness left in force is healed on every node', async () => {
  const recording = new RecordingCluster();
  const [one, two] = recording.cluster.nodes;
  const rule: Rule = { action: 'drop', direction: 'in', service: 'all', peer: { kind: 'all' } };
  await one!.network!.apply('cut#1', [rule]);
  await two!.process!.signal('node', 'SIGKILL');
  expect(recording.isWhole()).toBe(false);
  const steps: readonly Undo[] = [
    { do: 'clearRules', node: 'pg1', tag: 'cut#1' },
    { do: 'start', node: 'pg2', target: 'node' },
  ];
  using run = deadRun([
    ...[inject('cut#1'), undo('cut#1', steps[0]!)],
    ...[inject('kill#1'), undo('kill#1', steps[1]!)],
  ]);
  const newestFirst = [
    { id: 'kill#1', step: steps[1]! },
    { id: 'cut#1', step: steps[0]! },
  ];
  expect(await healLeftovers(recording.cluster, run)).toEqual(newestFirst);
  expect(recording.isWhole()).toBe(true);
  expect(readHeals(run.directory).map(({ at: _at, ...event }) => event)).toEqual([
    ...newestFirst.map((undone) => ({ type: 'undone', ...undone })),
    ...newestFirst.map(({ id }) => ({ type: 'healed', id })),
  ]);
  // A second time, nothing is left to do.
  expect([leftOf(run), await healLeftovers(recording.cluster, run)]).toEqual([[], []]);
});

test('a failed step is reported, and the others are tried as well', async () => {
  const recording = new RecordingCluster();
  const [one] = recording.cluster.nodes;
  const rule: Rule = { action: 'drop', direction: 'in', service: 'all', peer: { kind: 'all' } };
  await one!.network!.apply('cut#1', [rule]);
  using run = deadRun([
    ...[inject('cut#1'), undo('cut#1', { do: 'clearRules', node: 'pg1', tag: 'cut#1' })],
    ...[inject('gone#1'), undo('gone#1', { do: 'start', node: 'pg9', target: 'node' })],
  ]);
  const undone = await healLeftovers(recording.cluster, run);
  expect(undone.map(({ id, why }) => [id, why])).toEqual([
    ['gone#1', 'the cluster has no machine called pg9'],
    ['cut#1', undefined],
  ]);
  expect(recording.isWhole()).toBe(true);
  expect(leftOf(run)).toEqual(['gone#1']);
});

test('a run that healed everything is not touched', async () => {
  const recording = new RecordingCluster();
  using run = deadRun([inject('cut#1'), healed('cut#1')]);
  await healLeftovers(recording.cluster, run);
  expect(recording.log).toEqual([]);
});

test('a file is held open exactly while a process has it open', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-open-'));
  const file = path.join(folder, 'events.jsonl');
  const held = openSync(file, 'w');
  expect(isHeldOpen(file)).toBe(true);
  closeSync(held);
  expect([isHeldOpen(file), isHeldOpen(path.join(folder, 'none'))]).toEqual([false, false]);
  rmSync(folder, { recursive: true });
});

test('a run is going on while its harness lives, but not once it is judged and its cluster only held', () => {
  using run = deadRun([]);
  const held = openSync(path.join(run.directory, 'events.jsonl'), 'w');
  const phase = (name: PhaseName, edge: 'begin' | 'end'): RunEvent => {
    return { atMs: 0, type: 'phase', phase: name, edge };
  };
  const judging = [phase('readBack', 'end'), phase('judge', 'begin')];
  const judged = [...judging, phase('judge', 'end')];
  const ending = [...judged, phase('teardown', 'begin')];
  const isSo = (events: readonly RunEvent[]) => isUnderWay(run.directory, events);
  expect([[], judging, judged, ending].map(isSo)).toEqual([true, true, false, true]);
  closeSync(held);
  expect([[], judging, judged, ending].map(isSo)).toEqual([false, false, false, false]);
});

test('a torn line of heals.jsonl affects only that line', () => {
  using run = deadRun([inject('cut#1'), inject('cut#2')]);
  appendHeal(run.directory, { type: 'healed', id: 'cut#1' });
  appendFileSync(path.join(run.directory, 'heals.jsonl'), '{"at":"2026-');
  appendHeal(run.directory, { type: 'healed', id: 'cut#2' });
  expect(leftOf(run)).toEqual([]);
});
