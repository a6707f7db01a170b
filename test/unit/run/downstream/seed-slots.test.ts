import { beforeAll, expect, test } from 'vitest';
import type { DownstreamSpec } from '../../../../src/contracts/downstream.ts';
import { seedSlot } from '../../../../src/run/downstream/seed-slots.ts';
import { startPipeline, type Pipeline } from '../../../helpers/consumer.ts';
import { fakeCluster } from '../../../helpers/fake-cluster.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import type {} from '../../../helpers/postgres.ts';

let pipeline: Pipeline;
const owned = ownedBySuite();
beforeAll(async () => {
  pipeline = owned.use(await startPipeline());
});

/** Where the slot is before and after a run takes it, on a primary without replicas, and where its consumer is to begin. */
async function seeded({ slot = '', ...spec }: Partial<DownstreamSpec>) {
  const { source } = pipeline;
  const position = async () => {
    const [found] = await source.rows<{ lsn: string }>(
      'SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    );
    return found?.lsn;
  };
  const before = await position();
  await source.rows("SELECT pg_logical_emit_message(true, 'test', 'something to pass over')");
  const run = { note: expect.unreachable, options: { signal: new AbortController().signal } };
  const cluster = { ...fakeCluster(), nodes: [] };
  const start = await seedSlot(
    source,
    { name: 'feed', consumer: 'cdc', slot, ...spec },
    { run, cluster },
  );
  return { before, after: await position(), start: start.lsn };
}

const make = (slot: string) =>
  pipeline.source.rows("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);

test('a slot that is not there is made, and the consumer begins at it', async () => {
  const { before, after, start } = await seeded({ slot: 'made' });
  expect(before).toBeUndefined();
  expect(after).toBe(start);
});

test('a slot that Patroni made is moved past what came before, and the consumer begins there', async () => {
  await make('kept');
  const { before, after, start } = await seeded({ slot: 'kept' });
  expect(after).toBe(start);
  expect(after).not.toBe(before);
});

test('the slot of a consumer that is not ours is not moved, and none is made for it', async () => {
  await make('theirs');
  const { before, after } = await seeded({ slot: 'theirs', consumer: 'own' });
  expect(after).toBe(before);
  expect(await seeded({ slot: 'none', consumer: 'own' })).toMatchObject({ after: undefined });
});
