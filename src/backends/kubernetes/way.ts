import { connect as tcpConnect } from 'node:net';
import type { NodeAccess } from '../external/access.ts';
import { EnvironmentError } from '../../std/errors.ts';

const timeoutMs = 5_000;

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

/** A refusal is an answer, too. */
function answers({ host, port }: NodeAccess['endpoint']): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect({ host, port, timeout: timeoutMs });
    const end = (did: boolean) => {
      socket.destroy();
      resolve(did);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
