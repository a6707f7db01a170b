import { createServer, type Socket } from 'node:net';
import type { Channel } from '../../contracts/shell.ts';

/**
 * Listens on a Unix socket of this host and joins each connection to the standard streams of a command of its own. Disposing it
 * ends all of them. Errors: those of listening.
 */
export async function relaySocket(
  socket: string,
  open: () => Promise<Channel>,
): Promise<AsyncDisposable> {
  const near = new Set<Socket>();
  const server = createServer((client) => {
    near.add(client);
    client.on('error', () => undefined);
    client.on('close', () => near.delete(client));
    carry(client, open).catch(() => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      for (const client of near) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** When one side ends or breaks, so does the other. */
async function carry(client: Socket, open: () => Promise<Channel>): Promise<void> {
  const channel = await open();
  if (client.destroyed) channel.kill();
  channel.stdin.on('error', () => client.destroy());
  client.on('close', () => channel.kill());
  client.pipe(channel.stdin);
  channel.stdout.pipe(client);
  await channel.ended;
  client.end();
}
