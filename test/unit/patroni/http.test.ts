import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { http } from '../../../src/patroni/http.ts';

const asked = { method: 'GET', path: '/', timeoutMs: 1_000 } as const;

test('a request from an address that this host does not have is not sent, and fails at once', async () => {
  const server = createServer((_, answer) => answer.end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port };
  const here = http({ ...target, localAddress: '127.0.0.1' }, asked);
  expect(await here).toEqual({ status: 200, text: 'here' });
  // From TEST-NET-3, which no host has, like the gateway of a network that is gone.
  const gone = http({ ...target, localAddress: '203.0.113.201' }, asked);
  await expect(gone).rejects.toThrow(/EADDRNOTAVAIL/);
  server.close();
});
