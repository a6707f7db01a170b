import type { Cluster, Node } from '../../contracts/cluster.ts';
import { connect } from '../../pg/connect.ts';
import type { Session } from '../../pg/session.ts';
import { ClusterError } from '../../std/errors.ts';
import { primaryNode } from '../primary-node.ts';

const connectTimeoutMs = 5_000;
const primaryTimeoutMs = 60_000;

export interface ReaderPlace {
  readonly cluster: Pick<Cluster, 'nodes' | 'credentials'>;
  readonly signal: AbortSignal;
}

/** A session on this node, whatever its role. Errors: SqlError. */
export function readerOn(
  { observer }: Node,
  { cluster, signal }: ReaderPlace,
  queryTimeoutMs = connectTimeoutMs,
): Promise<Session> {
  return connect(observer, cluster.credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    signal,
    applicationName: 'forkpoint downstream',
    settings: 'reader',
  });
}

/** A session on the primary as it is now. Errors: ClusterError when there is none; SqlError. */
export async function onPrimary(cluster: Cluster, signal: AbortSignal): Promise<Session> {
  const node = await primaryNode(cluster, signal);
  if (!node) throw new ClusterError('no node is primary now');
  return readerOn(node, { cluster, signal }, primaryTimeoutMs);
}
