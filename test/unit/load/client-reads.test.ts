import { expect, test } from 'vitest';
import { readObservations } from '../../../src/evidence/store/read-observations.ts';
import { readsOf } from '../../../src/judge/reads/reads.ts';
import { startTestLoad } from '../../helpers/load.ts';
import { startPostgres } from '../../helpers/postgres.ts';

test('clients that read where they write find every own write, from the first read of the load to the last', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  await using run = await startTestLoad(server, {
    workload: 'records',
    params: { seedRows: 100, partitions: 0 },
    mix: { insert: 0.5, update: 0.3, delete: 0.2 },
    clientReads: { share: 0.5, from: 'connection' },
    durationMs: 1_500,
    clients: 4,
    workers: 2,
  });
  await run.load.done;
  const { journalDirectory } = run;
  const found = await readObservations(journalDirectory, {
    runId: run.runId,
    originMs: 0,
    readers: 0,
    hasClientReads: true,
  });
  expect(found?.missing).toEqual([]);
  const reads = readsOf(found, { originMs: 0 });
  const { clients, ownWrites, stepsBack } = reads ?? {};
  expect(clients).toMatchObject({ failed: 0, wrong: 0 });
  expect(clients?.answered).toBeGreaterThan(20);
  expect(ownWrites?.reads).toBeGreaterThan(10);
  expect(ownWrites?.notSeen).toBe(0);
  expect(stepsBack?.reads).toBe(0);
  expect(reads?.staleness?.atLeastMs).toBe(0);
});
