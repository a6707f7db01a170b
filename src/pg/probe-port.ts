import { createConnection } from 'node:net';
import type { Endpoint } from '../contracts/cluster.ts';
import type { Reach } from '../contracts/evidence.ts';

/** Length 8, code 80877103: asks whether the server speaks TLS. It answers with one byte before any login. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** What comes back from a network that has no way to the host; a host that is there refuses, or resets. */
const noWay = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN']);

/** A timer that is later than this tells that the process did not get to its work. */
const heldUpMs = 100;

/**
 * Whether a PostgreSQL server answers at all, whatever its role and state. A connection alone would not tell: a frozen
 * server's kernel accepts it, and so does a proxy before a container that is cut off.
 * Returns undefined when aborted.
 * Errors: none.   Source: PostgreSQL, protocol-flow, SSL Session Encryption.
 */
export function knock(
  { host, port }: Endpoint,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Reach | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const end = (reach: Reach | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(reach);
    };
    const onAbort = () => end(undefined);
    let timer: NodeJS.Timeout;
    const wait = () => {
      const dueMs = performance.now() + timeoutMs;
      timer = setTimeout(() => {
        // A process that was held up did not listen: that is no silence of the server's.
        if (performance.now() - dueMs > heldUpMs) wait();
        else end('silent');
      }, timeoutMs);
    };
    wait();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', () => end('answers'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(noWay.has(error.code ?? '') ? 'silent' : 'refuses'),
    );
    socket.once('close', () => end('refuses'));
    if (signal.aborted) onAbort();
  });
}
