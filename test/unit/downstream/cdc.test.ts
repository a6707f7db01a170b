import { appendFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { startPipeline, type Pipeline } from '../../helpers/consumer.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import type {} from '../../helpers/postgres.ts';

let pipeline: Pipeline;
const owned = ownedBySuite();
beforeAll(async () => {
  pipeline = owned.use(await startPipeline());
});

const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);

test('a consumer that is killed at any time, also inside a long transaction, delivers every row once', async () => {
  await using feed = await pipeline.feed('killed');
  for (let round = 0; round < 3; round++) {
    await feed.insert(round * 1000, round * 1000 + 949);
    for (let seq = round * 1000 + 950; seq < (round + 1) * 1000; seq++) await feed.insert(seq);
    const consumer = feed.consumer();
    await consumer.line('delivered');
    consumer.kill('SIGKILL');
    await consumer.ended;
  }
  feed.consumer();
  expect(await feed.delivered(3000)).toEqual(upTo(3000));
});

test('SIGTERM delivers what was received, and says so; its successor delivers the rest', async () => {
  await using feed = await pipeline.feed('asked');
  const consumer = feed.consumer();
  await consumer.line('streaming');
  // The first hundred make a batch; what has come of the rest by then waits for more.
  await feed.insert(0, 149);
  await consumer.line('delivered');
  consumer.kill('SIGTERM');
  expect(await consumer.line('stopped')).toMatchObject({ isAsked: true });
  await consumer.ended;
  const delivered = await feed.delivered(100);
  expect(delivered).toEqual(upTo(delivered.length));
  const said = consumer.lines.flatMap((line) => (line.type === 'delivered' ? [line.changes] : []));
  expect(said.reduce((sum, changes) => sum + changes, 0)).toBe(delivered.length);
  feed.consumer();
  expect(await feed.delivered(150)).toEqual(upTo(150));
});

test('a slot that was made anew is a gap that names the range, and nothing is delivered past it', async () => {
  await using feed = await pipeline.feed('anew');
  const { source } = pipeline;
  await feed.deliverTen();
  await feed.insert(10, 19);
  await source.rows("SELECT pg_drop_replication_slot('anew')");
  await source.rows("SELECT pg_create_logical_replication_slot('anew', 'pgoutput')");
  await feed.insert(20, 29);
  const second = feed.consumer();
  const gap = await second.line('gap');
  const [found] = await source.rows(
    'SELECT $1::pg_lsn < $2::pg_lsn AND $2::pg_lsn <= pg_current_wal_lsn() AS "isRange"',
    [gap.fromLsn, gap.toLsn],
  );
  expect(found).toEqual({ isRange: true });
  expect(gap.why).toContain('slot anew on pg1, timeline 1 begins at');
  expect(await second.line('stopped')).toMatchObject({ isAsked: false });
  expect(await feed.delivered()).toEqual(upTo(10));
});

test('while the sink is away batches are kept, and each is delivered once when it is back', async () => {
  await using feed = await pipeline.feed('away');
  const consumer = feed.consumer();
  await consumer.line('streaming');
  await pipeline.sinkServer.signal('SIGSTOP');
  for (let seq = 0; seq < 300; seq++) await feed.insert(seq);
  await consumer.line('retry');
  consumer.kill('SIGKILL');
  await consumer.ended;
  await pipeline.sinkServer.signal('SIGCONT');
  feed.consumer();
  expect(await feed.delivered(300)).toEqual(upTo(300));
});

test('a new column is delivered with the rows that have it', async () => {
  await using feed = await pipeline.feed('columns');
  const { source, sink } = pipeline;
  feed.consumer();
  await feed.insert(0);
  await source.rows('ALTER TABLE columns ADD COLUMN more text');
  await source.rows("INSERT INTO columns VALUES (1, 1, 0, 0, 'x', 'new')");
  await feed.delivered(2);
  const rows = await sink.rows(
    `SELECT row ? 'more' AS has, row->>'more' AS more FROM forkpoint_downstream.changes WHERE consumer = 'columns' ORDER BY id`,
  );
  expect(rows).toEqual([
    { has: false, more: null },
    { has: true, more: 'new' },
  ]);
});

test('what the sink refuses for good stops the consumer, and the batch is kept', async () => {
  await using feed = await pipeline.feed('refused');
  const { sink } = pipeline;
  const first = feed.consumer();
  await first.line('streaming');
  await sink.rows(
    "ALTER TABLE forkpoint_downstream.changes ADD CONSTRAINT no CHECK (consumer <> 'refused')",
  );
  await feed.insert(0, 9);
  const stopped = await first.line('stopped');
  expect(stopped.why).toContain('violates check constraint');
  expect(stopped.isAsked).toBe(false);
  await first.ended;
  await sink.rows('ALTER TABLE forkpoint_downstream.changes DROP CONSTRAINT no');
  feed.consumer();
  expect(await feed.delivered(10)).toEqual(upTo(10));
});

test('a second process of a consumer waits for the slot; who is overtaken goes on from the sink, and nothing comes twice', async () => {
  await using feed = await pipeline.feed('twice');
  const { source } = pipeline;
  const first = feed.consumer();
  await first.line('streaming');
  await feed.insert(0, 9);
  await feed.delivered(10);
  const second = feed.consumer();
  expect((await second.line('retry')).what).toContain('is active for PID');
  first.kill('SIGSTOP');
  await feed.insert(10, 19);
  await source.rows(
    "SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE slot_name = 'twice'",
  );
  await feed.delivered(20);
  first.kill('SIGCONT');
  second.kill('SIGTERM');
  await second.ended;
  await feed.insert(20, 29);
  expect(await feed.delivered(30)).toEqual(upTo(30));
  expect(first.lines.filter(({ type }) => type === 'stopped' || type === 'gap')).toEqual([]);
});

test('a consumer that writes to a file and is killed, also with half a batch in the file, delivers every row once', async () => {
  await using feed = await pipeline.feed('filed', { writesTo: 'file' });
  for (let round = 0; round < 3; round++) {
    await feed.insert(round * 300, round * 300 + 249);
    for (let seq = round * 300 + 250; seq < (round + 1) * 300; seq++) await feed.insert(seq);
    const consumer = feed.consumer();
    await consumer.line('delivered');
    consumer.kill('SIGKILL');
    await consumer.ended;
    // What an append that the kill cut off would have left: a whole change that the sink has not taken, and half of the next.
    const torn = { kind: 'insert', relation: 'public.filed', lsn: '0/1', row: { seq: 9_999 } };
    await appendFile(feed.file, `${JSON.stringify(torn)}\n${JSON.stringify(torn).slice(0, 20)}`);
  }
  feed.consumer();
  expect(await feed.delivered(900)).toEqual(upTo(900));
});

test('a second process of a consumer with a file waits for the file, and goes on when the first is gone', async () => {
  await using feed = await pipeline.feed('filed_twice', { writesTo: 'file' });
  const first = feed.consumer();
  await feed.insert(0, 9);
  await feed.delivered(10);
  const second = feed.consumer();
  expect((await second.line('retry')).what).toContain('another process of this consumer has it');
  first.kill('SIGKILL');
  await feed.insert(10, 19);
  expect(await feed.delivered(20)).toEqual(upTo(20));
});

test('SIGTERM ends a consumer that waits for its sink, as it was asked to', async () => {
  await using feed = await pipeline.feed('filed_waits', { writesTo: 'file' });
  const first = feed.consumer();
  await first.line('streaming');
  const second = feed.consumer();
  await second.line('retry');
  second.kill('SIGTERM');
  expect(await second.line('stopped')).toMatchObject({ isAsked: true });
});
