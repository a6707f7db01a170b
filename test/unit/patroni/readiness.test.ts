import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { configure } from '../../../src/patroni/readiness.ts';

test('a configuration that a busy Patroni did not confirm is sent again, until Patroni has it', async () => {
  const stored: string[] = [];
  const server = createServer((asked, answer) => {
    if (asked.method === 'PATCH') stored.push(asked.url ?? '');
    // The silence is longer than the time limit of one request.
    if (asked.method === 'PATCH' && stored.length === 1) return;
    answer.end('{ "ttl": 20 }');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const member = { node: 'pg1', target: { host: '127.0.0.1', port } };
  await configure([member], { ttl: 20 }, AbortSignal.timeout(10_000));
  expect(stored).toEqual(['/config', '/config']);
  server.closeAllConnections();
  server.close();
});
