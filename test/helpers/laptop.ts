import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';

/** A network like that of a laptop: of a cluster it reaches the API server, and no pod. */
export interface Laptop extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Of the API server as it is seen there: host:port. */
  readonly host: string;
  /** Of a command that runs there. */
  readonly prefix: readonly string[];
}

/** Any port: nothing else listens in a new namespace. */
const port = 6443;
const relay = path.join(import.meta.dirname, 'relay-to-socket.ts');

/** The first process of its namespace: with it the relay ends. */
const script = `ip link set lo up
"$1" "$2" ${port} "$3" &
until (: <>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.1; done
shift 3
"$@"`;

/** `folder`: for its files. The certificate of the API server must name 127.0.0.1. */
export async function laptop(config: KubeConfig, folder: string): Promise<Laptop> {
  const server = new URL(config.getCurrentCluster()?.server ?? '');
  const place = path.join(folder, 'api.sock');
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect({ host: server.hostname, port: Number(server.port || 443) });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(place, resolve));
  const kubeconfig = path.join(folder, 'laptop.kubeconfig');
  const host = `127.0.0.1:${port}`;
  writeFileSync(kubeconfig, config.exportConfig().replaceAll(server.host, host));
  return {
    kubeconfig,
    host,
    prefix: [
      ...['unshare', '--net', '--pid', '--fork', '--kill-child'],
      ...['bash', '-c', script, 'bash', process.execPath, relay, place],
    ],
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
