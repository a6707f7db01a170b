import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Endpoint } from '../../src/contracts/cluster.ts';

/** A proxy to a server that delays every answer by `delayMs`. */
export async function slowProxy({ host, port }: Endpoint, delayMs: number) {
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect({ host, port });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.on('data', (chunk) => setTimeout(() => near.write(chunk), delayMs));
    far.on('close', () => setTimeout(() => near.destroy(), delayMs));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const endpoint = { host: '127.0.0.1', port: (proxy.address() as AddressInfo).port };
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
