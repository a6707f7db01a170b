import { isIP } from 'node:net';
import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { Router } from '../pg/router.ts';
import { HarnessBug } from '../std/errors.ts';
import type { Connector } from './connector.ts';
import { EntryConnector } from './entry-connector.ts';
import { type Identities, nodeOf, type ServerAddress } from './identity.ts';
import { MultiHostConnector } from './multi-host-connector.ts';
import type { WorkerRoute } from './worker-route.ts';

export interface RouteOptions {
  readonly members: readonly { readonly name: string; readonly endpoint: Endpoint }[];
  readonly identities: Identities;
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** For one operation. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** A login may take up to the operations' deadline, within these limits. */
const answerMs = { least: 1_000, most: 30_000 };

/** How the clients of this route get connections. */
export function connectorOf(route: WorkerRoute, options: RouteOptions): Connector {
  const { members, deadlineMs } = options;
  const { via, hosts, targetSession = 'read-write', connectTimeoutMs = 2_000 } = route;
  if (via === 'direct') return new Router(options);
  if (via === 'multi-host') {
    const all = hosts ?? members.map((_, index) => index);
    return new MultiHostConnector({ ...options, hosts: all, targetSession, connectTimeoutMs });
  }
  // The very endpoint of the member: what moves it moves the route.
  const entry = route.pinned === undefined ? route.entry : members[route.pinned]?.endpoint;
  if (!entry) throw new HarnessBug(`route ${route.name} leads nowhere`);
  return new EntryConnector({
    ...options,
    name: route.name,
    entry,
    pooling: route.pooling,
    answerTimeoutMs: Math.min(Math.max(answerMs.least, deadlineMs), answerMs.most),
    memberOf: memberLookup(options),
  });
}

/** The index of the node that a server is; undefined: unknown. */
export function memberLookup({
  members,
  identities,
}: Pick<RouteOptions, 'members' | 'identities'>): (server: ServerAddress) => number | undefined {
  const indices = new Map(members.map(({ name }, index) => [name, index]));
  return (server) => {
    // A pod that came back has an address that the others' had, or that no node had when they were asked.
    const at = members.findIndex(
      ({ endpoint: { host, port } }) =>
        isIP(host) !== 0 && host === server.address && port === server.port,
    );
    if (at >= 0) return at;
    const name = nodeOf(identities, server);
    return name === undefined ? undefined : indices.get(name);
  };
}
