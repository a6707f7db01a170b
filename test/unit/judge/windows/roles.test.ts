import { expect, test } from 'vitest';
import type { PhaseName, RunEvent } from '../../../../src/contracts/evidence.ts';
import { RoleLog } from '../../../../src/judge/windows/roles.ts';

type Role = 'primary' | 'replica' | 'down';
const topology = (atMs: number, ...roles: readonly Role[]): RunEvent => ({
  atMs: atMs + 1000,
  type: 'topology',
  topology: {
    leader: 'pg1',
    syncStandbys: [],
    isPaused: false,
    members: roles.map((role, index) => ({ node: `pg${index + 1}`, role })),
  },
});
const log = (...events: readonly RunEvent[]) => new RoleLog(events, 1000);
const ever = [{ fromMs: -Infinity, untilMs: Infinity }];

test('two primaries at once are counted while they were seen, within the stretch that is asked for', () => {
  const roles = log(
    topology(0, 'primary', 'replica'),
    topology(5_000, 'primary', 'primary'),
    topology(5_700, 'replica', 'primary'),
  );
  expect(roles.splitBrainMs(ever)).toBe(700);
  expect(roles.splitBrainMs([{ fromMs: 5_500, untilMs: 9_000 }])).toBe(200);
  expect(roles.splitBrainMs([{ fromMs: 0, untilMs: 4_000 }])).toBe(0);
});

test('two primaries that take turns without a pause are one split brain, with all that were primary in it', () => {
  const roles = log(
    topology(0, 'primary', 'replica', 'replica'),
    topology(5_000, 'primary', 'primary', 'replica'),
    topology(6_000, 'replica', 'primary', 'primary'),
    topology(7_000, 'replica', 'replica', 'primary'),
    topology(9_000, 'primary', 'replica', 'primary'),
    topology(9_500, 'primary', 'replica', 'replica'),
  );
  expect(roles.splitBrains()).toEqual([
    { nodes: ['pg1', 'pg2', 'pg3'], fromMs: 5_000, untilMs: 7_000 },
    { nodes: ['pg1', 'pg3'], fromMs: 9_000, untilMs: 9_500 },
  ]);
  expect(log().splitBrains()).toBeNull();
});

test('two primaries at the last look are not nothing', () => {
  expect(log(topology(0, 'primary', 'primary')).splitBrainMs(ever)).toBe(1);
});

test('two primaries that stand until the end are counted until the watch ended, in every phase', () => {
  const phase = (atMs: number, name: PhaseName, edge: 'begin' | 'end'): RunEvent => ({
    atMs: atMs + 1000,
    type: 'phase',
    phase: name,
    edge,
  });
  const standing = [topology(0, 'primary', 'replica'), topology(5_000, 'primary', 'primary')];
  const killed = log(...standing, phase(9_000, 'load', 'end'));
  expect(killed.splitBrainMs([{ fromMs: 6_000, untilMs: 8_000 }])).toBe(2_000);
  expect(killed.splitBrainMs(ever)).toBe(4_000);
  const whole = log(
    ...standing,
    phase(9_000, 'load', 'end'),
    phase(11_000, 'readBack', 'end'),
    phase(12_000, 'judge', 'begin'),
    phase(60_000, 'teardown', 'end'),
  );
  expect(whole.splitBrainMs(ever)).toBe(6_000);
  const judged = [phase(9_500, 'judge', 'begin'), phase(60_000, 'judge', 'end')];
  const unread = log(...standing, phase(9_000, 'load', 'end'), ...judged);
  expect(unread.splitBrainMs(ever)).toBe(4_000);
});

test('a stretch in which the topology was not answered is unknown; the others are not', () => {
  const blind = (atMs: number, agoMs: number): RunEvent => ({
    atMs: atMs + 1000,
    type: 'blind',
    edge: 'begin',
    agoMs,
  });
  const sees: RunEvent = { atMs: 8_000, type: 'blind', edge: 'end' };
  const roles = log(topology(0, 'primary', 'replica'), blind(5_000, 300), sees, blind(9_000, 200));
  const within = (fromMs: number, untilMs: number) => [
    roles.splitBrainMs([{ fromMs, untilMs }]),
    roles.demotions([{ fromMs, untilMs }]),
  ];
  expect(within(0, 4_700)).toEqual([0, 0]);
  expect(within(0, 4_701)).toEqual([null, null]);
  expect(within(5_500, 6_000)).toEqual([null, null]);
  expect(within(7_000, 8_800)).toEqual([0, 0]);
  expect(within(20_000, 21_000)).toEqual([null, null]);
  expect(roles.splitBrainMs(ever)).toBeNull();
});

test('a primary that is next seen as a replica was demoted when it ended being one', () => {
  const roles = log(
    topology(0, 'primary', 'replica'),
    topology(4_000, 'down', 'replica'),
    topology(5_000, 'down', 'primary'),
    topology(9_000, 'replica', 'primary'),
  );
  expect(roles.demotions(ever)).toBe(1);
  expect(roles.demotions([{ fromMs: 3_000, untilMs: 4_500 }])).toBe(1);
  expect(roles.demotions([{ fromMs: 8_000, untilMs: 10_000 }])).toBe(0);
});

test('a primary that comes back as primary, or never, was not demoted', () => {
  expect(
    log(topology(0, 'primary'), topology(1, 'down'), topology(2, 'primary')).demotions(ever),
  ).toBe(0);
  expect(log(topology(0, 'primary'), topology(1, 'down')).demotions(ever)).toBe(0);
});

test('roles that were not seen by then are unknown', () => {
  expect([log().splitBrainMs(ever), log().demotions(ever)]).toEqual([null, null]);
  const later = log(topology(5_000, 'primary'));
  expect(later.splitBrainMs([{ fromMs: 0, untilMs: 4_000 }])).toBeNull();
});

test('a node that is demoted twice was demoted again, where both are in the stretch', () => {
  const roles = log(
    topology(0, 'primary', 'replica'),
    topology(2_000, 'replica', 'primary'),
    topology(4_000, 'primary', 'replica'),
    topology(6_000, 'replica', 'primary'),
  );
  expect([roles.demotions(ever), roles.demotedAgain(ever)]).toEqual([3, 1]);
  const first = [{ fromMs: 0, untilMs: 5_000 }];
  expect([roles.demotions(first), roles.demotedAgain(first)]).toEqual([2, 0]);
  expect(log().demotedAgain(ever)).toBeNull();
});
