import type { Cluster, Node } from '../../contracts/cluster.ts';
import { connect } from '../../pg/connect.ts';
import type { Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';

const connectTimeoutMs = 5_000;
/** The slot sync worker sleeps up to 30 s when it found nothing new. (PostgreSQL, slotsync.c, MAX_SLOTSYNC_WORKER_NAPTIME_MS) */
const syncedTimeoutMs = 90_000;

/** What a node has of a slot's copy. `off`: its `sync_replication_slots`; `ready`: a promotion would keep it. */
type Copy = 'primary' | 'off' | 'ready' | 'not ready';

interface Surroundings {
  readonly cluster: Pick<Cluster, 'nodes' | 'credentials'>;
  readonly signal: AbortSignal;
  readonly note: (what: string) => void;
}

/**
 * Waits until every replica that keeps copies of failover slots has one of this slot that is ready; which replicas have none is noted.
 * A copy becomes ready when the slot has moved beyond where the replica began to keep what decoding needs, so the slot is moved: no
 * consumer reads it yet. Returns where it is then. Source: PostgreSQL, slotsync.c, update_and_persist_local_synced_slot. Errors: SqlError.
 */
export async function untilSynced(
  primary: Session,
  slot: string,
  { cluster, signal, note }: Surroundings,
): Promise<string> {
  const nodes = cluster.nodes.filter(({ isOfStandby }) => isOfStandby !== true);
  const copies = new Map<string, Copy>();
  const namesOf = (wanted: Copy) =>
    [...copies].flatMap(([name, copy]) => (copy === wanted ? [name] : [])).join(', ');
  let lsn = await moved(primary, slot);
  const isSynced = async () => {
    // What is running then tells decoding how old the catalogs are that it needs.
    await primary.rows('SELECT pg_log_standby_snapshot()');
    lsn = await moved(primary, slot);
    await Promise.all(
      nodes.map(async (node) => {
        copies.set(node.name, await copyOn(node, slot, { cluster, signal }));
      }),
    );
    const late = namesOf('not ready');
    if (late !== '') throw new Error(`not on ${late}`);
    return true;
  };
  try {
    const options = { timeoutMs: syncedTimeoutMs, everyMs: 500, signal };
    await waitUntil(`replicas have a ready copy of slot ${slot}`, isSynced, options);
  } catch (error) {
    signal.throwIfAborted();
    note(messageOf(error));
  }
  const without = namesOf('off');
  if (without !== '') {
    note(`slot ${slot} is not copied to ${without}: sync_replication_slots is off there`);
  }
  return lsn;
}

async function moved(primary: Session, slot: string): Promise<string> {
  const [found] = await primary.rows<{ lsn: string }>(
    'SELECT end_lsn::text AS lsn FROM pg_replication_slot_advance($1, pg_current_wal_lsn())',
    [slot],
  );
  return found?.lsn ?? '0/0';
}

async function copyOn(
  { observer }: Node,
  slot: string,
  { cluster, signal }: Pick<Surroundings, 'cluster' | 'signal'>,
): Promise<Copy> {
  await using session = await connect(observer, cluster.credentials, {
    connectTimeoutMs,
    queryTimeoutMs: connectTimeoutMs,
    signal,
    applicationName: 'forkpoint downstream',
    settings: 'reader',
  });
  const [found] = await session.rows<{ copy: Copy }>(
    `SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'primary'
       WHEN NOT current_setting('sync_replication_slots')::boolean THEN 'off'
       WHEN EXISTS (SELECT FROM pg_replication_slots
         WHERE slot_name = $1 AND synced AND NOT temporary AND invalidation_reason IS NULL) THEN 'ready'
       ELSE 'not ready' END AS copy`,
    [slot],
  );
  return found?.copy ?? 'not ready';
}
