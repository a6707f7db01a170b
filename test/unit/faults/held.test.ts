import { expect, test } from 'vitest';
import { refusalOfSteps } from '../../helpers/refusal-of-steps.ts';

const refusal = refusalOfSteps;

const pressure = (more: string, at = '1s') => `at: ${at}, fault: connection-pressure, ${more}`;
const locks = (more: string, at = '1s') => `at: ${at}, fault: held-locks, ${more}`;

test.each([
  [
    pressure('target: leader, leave: 57'),
    '57 leaves nothing to take: a server here has 57 connections (max_connections 60, 3 of them reserved)',
  ],
  [pressure('target: leader, leave: -1'), 'faults[0].leave'],
  [pressure('target: leader, leave: 1.5'), 'must be a whole number'],
  [pressure('target: leader, keep: 5'), "unknown key 'keep'"],
  [locks('target: leader'), 'faults[0].kind'],
  [locks('target: leader, kind: tabel'), 'faults[0].kind'],
  [locks('target: replica, kind: table'), "table needs a primary, and the target is 'replica'"],
  [locks('target: all, kind: rows'), 'rows needs a primary, and 2 of the 3 nodes of target all'],
  ['at: 1s, fault: cpu-pressure, target: leader, leave: 0.5%', 'must be 1% or more'],
  ['at: 1s, fault: cpu-pressure, target: leader, leave: 100%', 'and below 100%'],
  ['at: 1s, fault: cpu-pressure, target: leader', 'share its cores and memory'],
  ['at: 1s, fault: memory-pressure, target: leader, leave: 1MB', 'must be at least 4MB'],
  ['at: 1s, fault: abandoned-slot, target: leader, kind: logical', 'wal_level logical'],
  ['at: 1s, fault: abandoned-slot, target: leader, kind: both', 'faults[0].kind'],
  ['at: 1s, fault: drop-large-packets, target: leader, above: 20B', 'must be 68B to 65534B'],
  ['at: 1s, fault: drop-large-packets, target: leader, above: 1200', '1200B'],
  ['at: 1s, fault: reset-connections, target: leader, count: 0', 'faults[0].count'],
  ['at: 1s, fault: reset-connections, target: leader, from: pg9', "'pg9' is not"],
  ['at: 1s, fault: half-open-connections, target: leader, direction: up', 'faults[0].direction'],
  [locks('target: leader, kind: prepared-transaction'), 'max_prepared_transactions is 0 here'],
])('%s is refused before anything boots', (step, why) => {
  const said = refusal([step], '{ parameters: { max_connections: 60 } }');
  expect(said).toMatch(/^x\.yaml:5:\d+: faults\[0\]/);
  expect(said).toContain(why);
});

test('what the servers have is not refused', () => {
  const cluster = '{ parameters: { max_connections: 60, max_prepared_transactions: 1 } }';
  expect(refusal([pressure('target: leader, leave: 56')], cluster)).toBeUndefined();
  expect(refusal([locks('target: leader, kind: prepared-transaction')], cluster)).toBeUndefined();
  expect(refusal([locks('target: all, kind: snapshot')], cluster)).toBeUndefined();
});

test('a second fault that takes the same of the same target while the first has it is refused', () => {
  const first = pressure('target: leader, id: hog, for: 10s');
  const what = 'takes the connections of its target, which hog has taken since 1s, and still has';
  expect(refusal([first, pressure('target: leader', '5s')])).toContain(what);
  expect(refusal([first, pressure('target: leader')])).toContain(what);
  expect(refusal([first, pressure('target: leader', '15s')])).toBeUndefined();
  expect(refusal([first, pressure('target: pg2', '5s')])).toBeUndefined();
  expect(refusal([first, locks('target: leader, kind: table', '5s')])).toBeUndefined();
  const twice = [locks('target: leader, kind: table'), locks('target: leader, kind: rows', '5s')];
  expect(refusal(twice)).toContain('takes the locks on ledger of its target');
});
