import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { unseenSentence, unseenStretches } from '../../../../src/judge/availability/unseen.ts';
import { RoleLog } from '../../../../src/judge/windows/roles.ts';

const source = 'the API server';
const what = 'pods were not seen';
const begin = (atMs: number): RunEvent => ({
  ...{ atMs: atMs + 1000, type: 'unseen', edge: 'begin', source, what, agoMs: 2_000 },
});
const end = (atMs: number, ...replaced: readonly string[]): RunEvent => ({
  ...{ atMs: atMs + 1000, type: 'unseen', edge: 'end', replaced },
});
const roles: RunEvent = {
  atMs: 1000,
  type: 'topology',
  topology: {
    ...{ leader: 'pg-0', syncStandbys: [], isPaused: false },
    members: [{ node: 'pg-0', role: 'primary' }],
  },
};
const splitIn = (events: readonly RunEvent[], fromMs: number, untilMs: number) =>
  new RoleLog([roles, ...events], 1000).splitBrainMs([{ fromMs, untilMs }]);

test('a silence is told with its times, and where it lasted to the end, and whom it hid', () => {
  const [first, last] = unseenStretches([begin(5_000), end(9_000, 'pg-1'), begin(20_000)], 1000);
  expect(first).toEqual({ source, what, fromMs: 3_000, untilMs: 9_000, replaced: ['pg-1'] });
  expect(last).toEqual({ source, what, fromMs: 18_000, untilMs: null, replaced: null });
  expect([first, last].map((one) => one && unseenSentence(one))).toEqual([
    'the API server gave no answer from 3.0 s to 9.0 s: pods were not seen. Replaced in that time: pg-1',
    'the API server gave no answer from 18.0 s to the end: pods were not seen',
  ]);
});

test('roles are known through a silence in which every pod stayed, and unknown where one was replaced', () => {
  expect(splitIn([begin(5_000), end(9_000)], 4_000, 6_000)).toBe(0);
  expect(splitIn([begin(5_000), end(9_000, 'pg-1')], 4_000, 6_000)).toBeNull();
  expect(splitIn([begin(5_000), end(9_000, 'pg-1')], 9_000, 10_000)).toBe(0);
  expect(splitIn([begin(5_000)], 30_000, 40_000)).toBeNull();
});
