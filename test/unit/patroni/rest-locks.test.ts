import { expect, test } from 'vitest';
import type { LockState } from '../../../src/contracts/cluster.ts';
import { agreed, RestLocks } from '../../../src/patroni/rest-locks.ts';
import { listen } from '../../helpers/listen.ts';

const names = (leader?: string): LockState => ({
  ...(leader !== undefined && { leader }),
  syncStandbys: [],
  isPaused: false,
  states: {},
});

test.each([
  [
    'a member that is cut off still names the old leader',
    [names('a'), names('b'), names('b')],
    'b',
  ],
  ['one of three answers', [names('a')], 'unknown'],
  ['two of three disagree', [names('a'), names('b')], 'unknown'],
  ['two of three see no leader', [names(), names('a'), names()], 'none'],
] as const)('%s: the leader is %s', (_title, states, expected) => {
  const state = agreed(states, 3);
  expect(state ? (state.leader ?? 'none') : 'unknown').toBe(expected);
});

test('members that answer with an error or with nonsense have no vote', async () => {
  const cluster = {
    members: [
      { name: 'db-b', role: 'quorum_standby', state: 'streaming' },
      { name: 'db-a', role: 'leader', state: 'running' },
      { name: 'db-c', role: 'sync_standby', state: 'streaming' },
    ],
    pause: true,
    scope: 'x',
  };
  const answers = [cluster, cluster, { scope: 'x' }, 503] as const;
  await using servers = new AsyncDisposableStack();
  const members = await Promise.all(
    answers.map(async (answer) => {
      const status = typeof answer === 'number' ? `${answer} Unavailable` : '200 OK';
      const body = JSON.stringify(answer);
      const listener = await listen((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\n\r\n${body}`));
      });
      servers.use(listener);
      return { node: String(listener.endpoint.port), target: listener.endpoint };
    }),
  );
  expect(await new RestLocks(members.slice(0, 3)).leader(AbortSignal.timeout(5_000))).toEqual({
    leader: 'db-a',
    syncStandbys: ['db-b', 'db-c'],
    isPaused: true,
    states: { 'db-a': 'running', 'db-b': 'streaming', 'db-c': 'streaming' },
  });
  // Two votes of four are no majority.
  expect(await new RestLocks(members).leader(AbortSignal.timeout(5_000))).toBeUndefined();
});
