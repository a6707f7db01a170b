import { expect, test } from 'vitest';
import type { ConsumerInput } from '../../../src/contracts/downstream.ts';
import { asConsumer } from '../../../src/downstream/as-consumer.ts';
import { ConsumerProcess } from '../../../src/downstream/consumer-process.ts';
import { localShell } from '../../../src/shells/local.ts';

const input: ConsumerInput = {
  name: 'feed',
  slot: 'feed',
  publication: 'feed',
  fromLsn: '0/1',
  timeline: 1,
  nodes: [],
  source: { user: 'none', database: 'none' },
  sink: { user: 'none', database: 'none', host: '127.0.0.1', port: 1 },
  folder: '/nowhere',
};

test('a consumer that ends before it has started is an error with what it said', async () => {
  const consumer = new ConsumerProcess({
    site: { shell: localShell },
    input,
    command: ['sh', '-c', 'cat > /dev/null & echo no such table >&2; exit 3'],
    line: () => undefined,
  });
  await expect(consumer.start()).rejects.toThrow(
    /^consumer feed: sh .* ended before it said that it had started \(exit code 3\): no such table$/,
  );
  await consumer.end('SIGKILL');
  expect(consumer.isRunning).toBe(false);
});

test("somebody else's program is the process that signals meet, and what it prints is no word of a consumer's", async () => {
  const lines: string[] = [];
  const consumer = new ConsumerProcess({
    site: { shell: localShell },
    input,
    command: asConsumer(['sh', '-c', 'trap "exit 0" TERM; echo $$; while :; do sleep 0.1; done']),
    line: (text) => lines.push(text),
  });
  await consumer.start();
  expect(lines).toEqual([expect.stringMatching(/^{"type":"started","pid":\d+,"atNs":"\d{10,}"}$/)]);
  const before = process.hrtime.bigint();
  const { atNs } = JSON.parse(lines[0] ?? '') as { readonly atNs: string };
  expect(Math.abs(Number(before - BigInt(atNs)))).toBeLessThan(30e9);
  await consumer.end('SIGTERM');
  const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type);
  expect(types).toEqual(['started', 'ended']);
});
