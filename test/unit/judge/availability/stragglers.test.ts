import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { converge } from '../../../../src/run/converge.ts';
import { stragglersOf } from '../../../../src/judge/availability/stragglers.ts';
import markdown from '../../../../src/reporters/markdown.ts';
import summary from '../../../../src/reporters/summary.ts';
import { whatHappened } from '../../../../src/render/support/sentences.ts';
import { fakeCluster, topologyOf } from '../../../helpers/fake-cluster.ts';
import { judgedRun } from '../../../helpers/sample-results.ts';

const startedAt = '2026-11-20T21:00:00.000Z';
// In the words of PostgreSQL 15.
const removed =
  '2026-11-20 21:01:10.123 UTC [4711] FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000004 has already been removed';
const lostSlot = { name: 'pg2', isActive: false, walStatus: 'lost' };
const failedRewind = {
  node: 'pg2',
  how: 'rewindFailed' as const,
  at: startedAt,
  from: 'pg3',
  ms: 5,
  forkTimeline: 1,
  forkLsn: '0/5162118',
  rewoundTo: null,
  said: 'no such file',
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-stragglers-'));
  mkdirSync(path.join(folder, 'logs', 'pg2'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function found(
  log: string,
  slots: (typeof lostSlot)[] = [],
  rejoins = [] as (typeof failedRewind)[],
) {
  writeFileSync(path.join(folder, 'logs', 'pg2', 'postgres.log'), `${log}\n`);
  const nodes = [{ node: 'pg2', what: 'pg2 is not streaming' }];
  const converged = { ok: false, ms: 1, nodes, slots };
  return stragglersOf(folder, startedAt, { converged, rejoins })[0]!;
}

test('a node whose WAL is gone is shown with its log line, its slot and what to do, in every report', () => {
  const straggler = found(removed, [lostSlot]);
  expect(straggler).toEqual({
    node: 'pg2',
    state: 'pg2 is not streaming',
    slot: lostSlot,
    log: removed,
    cause: 'the WAL that it needs next is gone from the server that it follows',
    advice: expect.stringContaining('clone it again') as string,
  });
  const run = judgedRun('fail', [], {
    converged: { ok: false, reason: 'after 5 ms', nodes: [straggler] },
  });
  const said =
    'pg2 had not come back in time: pg2 is not streaming; the WAL that it needs next is gone from the server that it follows (slot pg2: inactive, lost)';
  expect(whatHappened(run)).toContain(said);
  expect(summary.render(run)).toContain(`Not converged: ${said}\n  its log: ${removed}\n`);
  expect(markdown.render(run)).toContain('Nodes that had not come back in time');
});

test.each([
  [
    'a slot that is lost',
    '',
    [lostSlot],
    [],
    'its replication slot has lost the WAL that it needs',
  ],
  ['a rewind that failed', '', [], [failedRewind], 'its last pg_rewind failed: no such file'],
  [
    'histories that parted',
    "2026-11-20 21:01:10 UTC [1] ERROR:  requested starting point 0/5000000 on timeline 1 is not in this server's history",
    [],
    [],
    'it holds WAL that the history of the primary does not have',
  ],
  [
    'WAL beyond the primary of its timeline',
    '2026-11-20 21:01:10 UTC [1] FATAL:  could not receive data from WAL stream: ERROR:  requested starting point 0/6000000 is ahead of the WAL flush position of this server 0/568E2E0',
    [],
    [],
    'it holds WAL that the history of the primary does not have',
  ],
  ['nothing that is known', '2026-11-20 21:01:10 UTC [1] LOG:  started', [], [], null],
  ['what was over long before', `${removed}\n2026-11-20 21:05:00 UTC [1] LOG:  x`, [], [], null],
  ['what an earlier run left', removed.replace(' 21:', ' 20:'), [], [], null],
])('the cause of a straggler with %s', (_what, log, slots, rejoins, cause) => {
  expect(found(log, slots, rejoins).cause).toBe(cause);
});

test('every node that has not come back is named, not only the first', async () => {
  const topology = topologyOf({
    members: { pg2: { isStreaming: false }, pg3: { role: 'down', state: 'start failed' } },
  });
  const { nodes } = await converge(fakeCluster(topology), 150, new AbortController().signal);
  expect(nodes).toEqual([
    { node: 'pg2', what: 'pg2 is not streaming' },
    { node: 'pg3', what: 'pg3 is down (start failed)' },
  ]);
});

test('a replica ahead of the primary on its timeline has followed another history of that number', async () => {
  const topology = topologyOf({ members: { pg2: { lsn: '0/33D0900' } } });
  const { nodes } = await converge(fakeCluster(topology), 150, new AbortController().signal);
  expect(nodes).toEqual([expect.objectContaining({ node: 'pg2', isAhead: true })]);
  const [straggler] = stragglersOf(folder, startedAt, {
    converged: { ok: false, ms: 1, nodes: nodes!, slots: [] },
    rejoins: [],
  });
  expect(straggler?.cause).toContain('another history');
  expect(straggler?.advice).toContain('clone it again');
});
