import type { Credentials, Node } from '../../contracts/cluster.ts';
import type { ReadBack } from '../../contracts/evidence.ts';
import { connect } from '../../pg/connect.ts';

const timeoutMs = 5_000;

/** Replication slots of the primary, which show why a replica does not follow; undefined: it did not answer. */
export async function readSlots(
  primary: Pick<Node, 'observer'> & { readonly credentials: Credentials },
  signal: AbortSignal,
): Promise<ReadBack['converged']['slots']> {
  try {
    await using session = await connect(primary.observer, primary.credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      signal,
      applicationName: 'forkpoint-reader',
    });
    return await session.rows<{ name: string; isActive: boolean; walStatus: string | null }>(
      `SELECT slot_name::text AS name, active AS "isActive", wal_status AS "walStatus"
       FROM pg_catalog.pg_replication_slots ORDER BY slot_name`,
    );
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
