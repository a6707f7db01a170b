import type { Credentials, Endpoint, NodeSpace } from '../../contracts/cluster.ts';
import { freeSpace } from '../../machine/free-space.ts';
import { connect } from '../../pg/connect.ts';
import { messageOf } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';
import { shellTo } from './shell-of.ts';

const timeoutMs = 5_000;

/** The free space of a node's disks, by its shell, which only reads: no SQL function tells it. */
export async function spaceOf(access: NodeAccess, signal: AbortSignal): Promise<NodeSpace> {
  const { name, endpoint, credentials, params } = access;
  const shell = shellTo(access);
  if (!shell) return { node: name, unknown: 'no shell' };
  try {
    const data = params.data ?? (await dataDirectoryOf(endpoint, credentials, signal));
    return await freeSpace({ name, shell }, `${access.root ?? ''}${data}`, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { node: name, unknown: messageOf(error) };
  }
}

/** Which pg_monitor may read. */
async function dataDirectoryOf(
  endpoint: Endpoint,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<string> {
  await using session = await connect(endpoint, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    settings: 'reader',
    signal,
  });
  const [row] = await session.rows<{ data_directory: string }>('SHOW data_directory');
  return row?.data_directory ?? '';
}
