import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Listener extends AsyncDisposable {
  readonly endpoint: { readonly host: string; readonly port: number };
}

/** Accepts connections and passes each to the handler; without one it looks like a frozen server. */
export async function listen(greet: (socket: Socket) => void = () => undefined): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
