import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
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

test('two primaries at the last look are not nothing', () => {
  expect(log(topology(0, 'primary', 'primary')).splitBrainMs(ever)).toBe(1);
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
