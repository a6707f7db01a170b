import type { Cluster, Credentials, Endpoint } from '../contracts/cluster.ts';
import { farStepTimeoutMs, Observer } from './observer.ts';

interface NamedServer {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/** Servers without a DCS: the only primary among them counts as their leader. */
export function observeServers(
  servers: readonly NamedServer[],
): Pick<Cluster, 'topology'> & AsyncDisposable {
  const observers = servers.map(({ name, endpoint, credentials }) => ({
    name,
    observer: new Observer(endpoint, credentials, farStepTimeoutMs),
  }));
  return {
    topology: async () => {
      const members = await Promise.all(
        observers.map(async ({ name, observer }) => ({
          node: name,
          ...(await observer.observe()),
        })),
      );
      const primaries = members.filter(({ role }) => role === 'primary');
      const leader = primaries.length === 1 ? primaries[0]?.node : undefined;
      return {
        ...(leader !== undefined && { leader }),
        syncStandbys: [],
        members,
        isPaused: false,
      };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(observers.map(({ observer }) => observer[Symbol.asyncDispose]()));
    },
  };
}
