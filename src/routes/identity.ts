import { isIP } from 'node:net';
import type { Credentials, Node } from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';

/** Which node a server is, by its own address. JSON: `address` or `address:port` -> name. */
export type Identities = Readonly<Record<string, string>>;

/** A server's own view of the connection that leads to it: the same through any proxy. null: a Unix socket. */
export interface ServerAddress {
  readonly address: string | null;
  readonly port: number | null;
}

/** Columns of a ServerAddress. */
export const serverAddress = 'host(inet_server_addr()) AS address, inet_server_port() AS port';

const askTimeoutMs = 2_000;

/**
 * The addresses of the nodes: those that clients use, and those that the servers say they have, which differ behind a
 * translation of addresses. What two nodes share is left out: a write by it has an unknown node, never a wrong one.
 */
export async function identitiesOf(
  nodes: readonly Pick<Node, 'name' | 'endpoint' | 'observer'>[],
  credentials: Credentials,
): Promise<Identities> {
  const found = await Promise.all(
    nodes.map(async ({ name, endpoint, observer }) => {
      const { host, port } = endpoint;
      const own = isIP(host) === 0 ? [] : [host, `${host}:${port}`];
      // Through a Unix socket a server sees no address.
      const said = observer.host.startsWith('/')
        ? []
        : await addressSaidBy(observer, credentials).catch(() => []);
      return [...new Set([...own, ...said])].map((key) => [key, name] as const);
    }),
  );
  const all = found.flat();
  const isOnes = ([key, name]: readonly [string, string]) =>
    all.every(([other, owner]) => other !== key || owner === name);
  return Object.fromEntries(all.filter(isOnes));
}

/** The name of the node; undefined: unknown. */
export function nodeOf(identities: Identities, { address, port }: ServerAddress) {
  if (address === null) return undefined;
  return identities[`${address}:${port ?? 0}`] ?? identities[address];
}

async function addressSaidBy(
  endpoint: Node['observer'],
  credentials: Credentials,
): Promise<readonly string[]> {
  const options = { connectTimeoutMs: askTimeoutMs, queryTimeoutMs: askTimeoutMs };
  await using session = await connect(endpoint, credentials, options);
  const [row] = await session.rows<ServerAddress>(`SELECT ${serverAddress}`);
  if (row?.address === undefined || row.address === null) return [];
  return [row.address, `${row.address}:${row.port ?? 0}`];
}
