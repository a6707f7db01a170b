import { createConnection } from 'node:net';
import type { Endpoint } from '../contracts/cluster.ts';
import type { Reach } from '../contracts/evidence.ts';

/** Length 8, code 80877103: asks whether the server supports TLS. It answers with one byte before any login. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** Errors of a network without a route to the host; a reachable host refuses, or resets. */
const noWay = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN']);

/** A timer that is later than this shows that the process was delayed. */
const heldUpMs = 100;

/**
 * Whether a PostgreSQL server answers, whatever its role and state. A connection alone does not prove it: a frozen
 * server's kernel accepts it, and so does a proxy in front of an isolated container.
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
        // A delayed process did not listen: that does not mean that the server is silent.
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
