import { expect, test } from 'vitest';
import { startPipeline } from '../helpers/consumer.ts';

test('SIGTERM while the sink is away ends the consumer after 30 s with its batch kept, which its successor delivers once', async () => {
  await using pipeline = await startPipeline();
  await using feed = await pipeline.feed('drained');
  const consumer = feed.consumer();
  await consumer.line('streaming');
  await pipeline.sinkServer.signal('SIGSTOP');
  await feed.insert(0, 149);
  await consumer.line('retry');
  const askedMs = performance.now();
  consumer.kill('SIGTERM');
  await consumer.ended;
  const tookMs = performance.now() - askedMs;
  await pipeline.sinkServer.signal('SIGCONT');
  const why = 'the sink did not take the rest within 30 s; it is kept';
  expect(await consumer.line('stopped')).toMatchObject({ why });
  expect(tookMs).toBeGreaterThan(29_000);
  expect(tookMs).toBeLessThan(45_000);
  feed.consumer();
  const all = Array.from({ length: 150 }, (_, seq) => seq);
  expect(await feed.delivered(150)).toEqual(all);
}, 180_000);
