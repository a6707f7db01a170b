import type { Cluster } from '../../src/contracts/cluster.ts';
import { ClusterError } from '../../src/std/errors.ts';
import { askProxy, type Proxy } from './proxies.ts';

/** A node as one HAProxy knows it. */
export interface HaproxyServer {
  readonly proxy: Proxy;
  readonly node: string;
  /** As its commands want it: `primary/pg1`. */
  readonly path: string;
  /** HAProxy sends it no new connection, because an admin said so. */
  readonly isDrained: boolean;
}

const forcedDrain = 0x08;

/**
 * The nodes' servers in every backend of an HAProxy, by their addresses, else by their names.
 * Errors: ClusterError for a node that the HAProxy does not have.
 */
export async function serversOf(
  proxy: Proxy,
  names: readonly string[],
  { cluster, signal }: { readonly cluster: Pick<Cluster, 'nodes'>; readonly signal: AbortSignal },
): Promise<readonly HaproxyServer[]> {
  const rows = rowsIn(await askProxy(proxy, 'show servers state', { signal }));
  return names.flatMap((node) => {
    const host = cluster.nodes.find(({ name }) => name === node)?.endpoint.host;
    const own = rows.filter(({ srv_addr: address, srv_name: name }) => {
      return address === host || name === node;
    });
    if (own.length > 0) return own.map((row) => ({ proxy, node, ...serverOf(row) }));
    const has = rows.map(({ srv_name: name, srv_addr: at }) => `${name} (${at})`).join(', ');
    throw new ClusterError(`${proxy.name}: no server is ${node}; it has: ${has || 'none'}`);
  });
}

/** Connections through an HAProxy to this server now. */
export async function sessionsOn(
  { proxy, path }: HaproxyServer,
  signal: AbortSignal,
): Promise<number> {
  const [head = '', ...lines] = (await askProxy(proxy, 'show stat', { signal })).trim().split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const cells = lines
    .map((line) => line.split(','))
    .find((row) => `${row[columns.indexOf('pxname')]}/${row[columns.indexOf('svname')]}` === path);
  const sessions = Number(cells?.[columns.indexOf('scur')] ?? Number.NaN);
  if (Number.isInteger(sessions)) return sessions;
  throw new ClusterError(`${proxy.name}: \`show stat\` says nothing of ${path}`);
}

type Row = Readonly<Record<string, string>>;

function serverOf(row: Row): Pick<HaproxyServer, 'path' | 'isDrained'> {
  return {
    path: `${row.be_name}/${row.srv_name}`,
    isDrained: (Number(row.srv_admin_state) & forcedDrain) !== 0,
  };
}

/** Shape: a line with the version, one with '#' and the columns, then one for each server. Source: HAProxy, management.txt. */
function rowsIn(answer: string): readonly Row[] {
  const [, head = '', ...lines] = answer.trim().split('\n');
  const columns = head.replace(/^# /, '').split(' ');
  return lines
    .map((line) => line.trim().split(' '))
    .filter((cells) => cells.length > 1)
    .map((cells) => Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])));
}
