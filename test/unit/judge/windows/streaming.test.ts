import { expect, test } from 'vitest';
import type { MemberState } from '../../../../src/contracts/cluster.ts';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { longestNotStreaming } from '../../../../src/judge/windows/streaming.ts';

const originMs = 1_000;
type State = 'primary' | 'streams' | 'waits' | 'down';
const look = (atMs: number, ...states: readonly (State | Partial<MemberState>)[]): RunEvent => ({
  atMs: atMs + originMs,
  type: 'topology',
  topology: {
    leader: 'pg1',
    syncStandbys: [],
    isPaused: false,
    members: states.map((state, index) => ({ node: `pg${index + 1}`, ...memberOf(state) })),
  },
});
function memberOf(state: State | Partial<MemberState>): Pick<MemberState, 'role'> {
  if (typeof state !== 'string') return { role: 'replica', ...state };
  if (state === 'down') return { role: 'down' };
  const about = { startedAt: '1', processesSince: '1' };
  if (state === 'primary') return { role: 'primary', ...about };
  return { role: 'replica', ...about, ...{ isStreaming: state === 'streams' } };
}
const end: RunEvent = { atMs: 21_000, type: 'phase', phase: 'readBack', edge: 'end' };
const longest = (events: readonly RunEvent[], fromMs = 0, untilMs = Infinity) =>
  longestNotStreaming([{ fromMs, untilMs }], [...events, end], originMs);
const exactly = (node: string, ms: number) => ({ node, leastMs: ms, mostMs: ms });

test('of several replicas the longest time without streaming counts, from when it was seen to end', () => {
  const events = [
    look(-500, 'primary', 'streams', 'streams'),
    look(2_000, 'primary', 'waits', 'streams'),
    look(3_000, 'primary', 'streams', 'waits'),
    look(5_500, 'primary', 'streams', 'streams'),
  ];
  expect(longest(events)).toEqual(exactly('pg3', 2_500));
  expect(longest(events, 0, 2_500)).toEqual(exactly('pg2', 1_000));
});

test('in a phase it counts from the beginning of the phase, and to its end wherever that is', () => {
  const events = [
    look(0, 'primary', 'streams'),
    look(4_000, 'primary', 'waits'),
    look(12_000, 'primary', 'streams'),
  ];
  expect(longest(events, 6_000, 8_000)).toEqual(exactly('pg2', 6_000));
  expect(longest(events, 12_000, 15_000)).toEqual({ node: null, leastMs: 0, mostMs: 0 });
});

test('an old primary counts from its end until it streams, and a leader restarted in place not at all', () => {
  const failover = [
    look(0, 'primary', 'streams'),
    look(3_000, 'down', 'primary'),
    look(9_000, 'waits', 'primary'),
    look(10_000, 'streams', 'primary'),
  ];
  expect(longest(failover)).toEqual(exactly('pg1', 7_000));
  const restart = [
    look(0, 'primary', 'streams'),
    look(3_000, 'down', 'streams'),
    look(4_000, { role: 'primary', startedAt: '2' }, 'streams'),
  ];
  expect(longest(restart)).toEqual({ node: null, leastMs: 0, mostMs: 0 });
});

test('a server that gave no answer for a moment and goes on perhaps streamed; a restarted one did not', () => {
  const silent = (after: State | Partial<MemberState>) => [
    look(0, 'primary', 'streams'),
    look(3_000, 'primary', 'down'),
    look(5_000, 'primary', after),
  ];
  expect(longest(silent('streams'))).toEqual({ node: 'pg2', leastMs: 0, mostMs: 2_000 });
  expect(longest(silent({ isStreaming: true, startedAt: '2', processesSince: '2' }))).toEqual(
    exactly('pg2', 2_000),
  );
});

test('one that never streams again has no upper bound', () => {
  const events = [look(0, 'primary', 'streams'), look(3_000, 'primary', 'down')];
  expect(longest(events)).toEqual({ node: 'pg2', leastMs: 17_000, mostMs: null });
});

test('without a replica, or where the topology was not answered, it is unknown', () => {
  expect(longest([look(0, 'primary')])).toBeNull();
  expect(longest([look(9_000, 'primary', 'streams')], 0, 5_000)).toBeNull();
  const blind: RunEvent = { atMs: 6_000, type: 'blind', edge: 'begin', agoMs: 500 };
  const sees: RunEvent = { atMs: 8_000, type: 'blind', edge: 'end' };
  const events = [look(0, 'primary', 'streams'), blind, sees, look(9_000, 'primary', 'waits')];
  expect(longest(events)).toBeNull();
  expect(longest(events, 0, 4_000)).toEqual({ node: null, leastMs: 0, mostMs: 0 });
});
