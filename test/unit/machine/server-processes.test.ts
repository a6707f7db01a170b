import { expect, test } from 'vitest';
import { readProcesses } from '../../../src/machine/server-processes.ts';

/** Titles of PostgreSQL 15 and 17, with a cluster's name and without. */
const titles: readonly (readonly [isChild: 0 | 1, title: string, kind: string])[] = [
  [
    0,
    '/usr/lib/postgresql/15/bin/postgres -D /data --config-file=/data/postgresql.conf',
    'postmaster',
  ],
  // A fork that has no title yet.
  [1, '/usr/lib/postgresql/15/bin/postgres -D /data', 'other'],
  [1, 'postgres: shop: checkpointer ', 'checkpointer'],
  [1, 'postgres: checkpointer', 'checkpointer'],
  [1, 'postgres: a: b: background writer ', 'background-writer'],
  [1, 'postgres: shop: walwriter ', 'walwriter'],
  [1, 'postgres: shop: autovacuum launcher ', 'autovacuum-launcher'],
  [1, 'postgres: shop: archiver last was 000000010000000000000003', 'archiver'],
  [1, 'postgres: shop: startup recovering 000000010000000000000004', 'startup'],
  [1, 'postgres: shop: walreceiver streaming 0/4000148', 'walreceiver'],
  [1, 'postgres: shop: walsender replicator 10.77.0.12(40414) streaming 0/4000148', 'walsender'],
  [1, 'postgres: shop: walsender postgres [local] START_REPLICATION', 'logical-walsender'],
  [
    1,
    'postgres: shop: walsender postgres app 10.77.0.1(40416) START_REPLICATION',
    'logical-walsender',
  ],
  [1, 'postgres: shop: walsender replicator 10.77.0.12(40414) sending backup "x"', 'walsender'],
  [1, 'postgres: shop: postgres postgres [local] idle', 'backend'],
  [1, 'postgres: shop: app shop ::1(5512) COMMIT waiting for 0/4000148', 'backend'],
  [1, 'postgres: shop: logical replication launcher ', 'other'],
  [1, 'postgres: shop: parallel worker for PID 4711 ', 'other'],
  [1, 'postgres: shop: autovacuum worker shop', 'other'],
  // A user called like a process.
  [1, 'postgres: shop: checkpointer shop [local] idle', 'backend'],
  // Its postmaster was killed.
  [0, 'postgres: shop: postgres postgres [local] idle', 'backend'],
];

test.each(titles)('child %i with the title %j is %s', (isChild, title, kind) => {
  const [found] = readProcesses(`12 S ${isChild} 2048 667 -900 ${title}\n`);
  expect(found).toEqual({
    pid: 12,
    kind,
    title: title.trim(),
    isFrozen: false,
    memoryBytes: 2_097_152,
    oomScore: 667,
    oomAdjustment: -900,
  });
});

test('a stopped process is frozen, and a line that is no process is an error', () => {
  expect(readProcesses('9 T 1 0 0 0 postgres: walwriter\n')).toMatchObject([{ isFrozen: true }]);
  expect(() => readProcesses('sh: not found\n')).toThrow(
    'not a line about a process: sh: not found',
  );
});
