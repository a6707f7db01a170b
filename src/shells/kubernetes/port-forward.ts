import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import { withDeadline } from '../../std/with-deadline.ts';
import type { PodAddress } from './pod-address.ts';
import { refused } from './refused.ts';

/** A port of this host that leads to one of a pod, by way of the API server. */
export interface Forward extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What came back last instead of a connection; undefined: nothing did. */
  readonly trouble: string | undefined;
}

const connectTimeoutMs = 15_000;

/**
 * Forwards a port of a pod, a WebSocket for each connection. For looking alone: with many servers of the API it ends at the
 * first connection that the pod resets (kubectl#1169).
 */
export async function forwardPort(
  config: KubeConfig,
  { namespace, pod }: PodAddress,
  port: number,
): Promise<Forward> {
  const sockets = new Set<Socket>();
  let trouble: string | undefined;
  const carry = async (near: Socket) => {
    const said = new Writable({
      write: (text: Buffer, _encoding, done) => {
        done();
        // The channel is opened with a message that says nothing.
        if (text.length === 0) return;
        trouble = text.toString().trim();
        near.destroy();
      },
    });
    const opening = new PortForward(config).portForward(namespace, pod, [port], near, said, near);
    const limit = { what: `${pod}: portforward`, timeoutMs: connectTimeoutMs };
    const socket = (await withDeadline(opening, limit)) as unknown as Tunnel;
    socket.on('close', () => near.destroy());
    near.on('close', () => socket.terminate());
  };
  const listener = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    near.on('close', () => sockets.delete(near));
    carry(near).catch((error: unknown) => {
      trouble = refused({ namespace, pod }, 'portforward', error).message;
      near.destroy();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    get trouble() {
      return trouble;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** What is used of the library's WebSocket, whose types it leaves out. */
interface Tunnel {
  on(event: 'close', listener: () => void): void;
  terminate(): void;
}
