import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';

/** A way to the API server that can be cut, for those who use its kubeconfig alone. */
export interface ApiProxy extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Open connections break, and new ones are refused by a reset, as when an API server ends. */
  cut(): void;
  restore(): void;
}

/** `folder`: where the kubeconfig is written. The certificate of the API server must name 127.0.0.1. */
export async function apiProxy(config: KubeConfig, folder: string): Promise<ApiProxy> {
  const { hostname: host, port } = new URL(config.getCurrentCluster()?.server ?? '');
  const sockets = new Set<Socket>();
  let isCut = false;
  const proxy = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host, port: Number(port) });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const own = (proxy.address() as AddressInfo).port;
  const text = config.exportConfig().replaceAll(`${host}:${port}`, `127.0.0.1:${own}`);
  const kubeconfig = path.join(folder, `api-proxy-${own}.yaml`);
  writeFileSync(kubeconfig, text);
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig,
    cut: () => {
      isCut = true;
      end();
    },
    restore: () => (isCut = false),
    [Symbol.asyncDispose]: async () => {
      end();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
