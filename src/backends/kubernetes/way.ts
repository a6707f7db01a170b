import { connect as tcpConnect } from 'node:net';
import type { NodeAccess } from '../external/access.ts';
import { EnvironmentError } from '../../std/errors.ts';

const timeoutMs = 5_000;
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Whether this host reaches pods by their addresses, as load must: a port-forward ends at the first reset.
 * Errors: EnvironmentError where it reaches none of them.
 */
export async function requireWay(accesses: readonly NodeAccess[]): Promise<void> {
  if (await hasWay(accesses)) return;
  const named = accesses.map(
    ({ name, endpoint }) => `${name} at ${endpoint.host}:${endpoint.port}`,
  );
  throw new EnvironmentError(
    `no pod answers from here: ${named.join(', ')}. Pods' addresses lead nowhere outside the cluster, and a port-forward ends at the first reset, so it carries no load: run Forkpoint in the cluster (docs/kubernetes.md), or on a host with a route to its pods. forkpoint doctor --cluster FILE looks at them from here`,
  );
}

/** Whether any pod answers at its address. */
export async function hasWay(accesses: readonly NodeAccess[]): Promise<boolean> {
  const reached = await Promise.all(accesses.map(({ endpoint }) => answers(endpoint)));
  return reached.some(Boolean);
}

/**
 * A refusal is an answer, too. A connection alone is none: there are networks whose gateway takes those to any address.
 * Source: PostgreSQL, frontend/backend protocol, SSLRequest: the server's answer is S or N, or E where it has none to give.
 */
function answers({ host, port }: NodeAccess['endpoint']): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect({ host, port, timeout: timeoutMs });
    const end = (did: boolean) => {
      socket.destroy();
      resolve(did);
    };
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', ([first]: Buffer) =>
      end(first !== undefined && 'SNE'.includes(String.fromCharCode(first))),
    );
    socket.once('timeout', () => end(false));
    socket.once('end', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
