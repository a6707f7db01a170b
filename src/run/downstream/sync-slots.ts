import type { Node } from '../../contracts/cluster.ts';
import type { Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { moveSlot } from './move-slot.ts';
import { type ReaderPlace, readerOn } from './reader-on.ts';

/** The slot sync worker sleeps up to 30 s when it found nothing new. (PostgreSQL, slotsync.c, MAX_SLOTSYNC_WORKER_NAPTIME_MS) */
const syncedTimeoutMs = 90_000;

/** What a node has of a slot's copy. `off`: its `sync_replication_slots`; `ready`: a promotion would keep it. */
type Copy = 'primary' | 'off' | 'ready' | 'not ready';

interface Surroundings extends ReaderPlace {
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
  let lsn = await moveSlot(primary, slot);
  const isSynced = async () => {
    // What is running then tells decoding how old the catalogs are that it needs.
    await primary.rows('SELECT pg_log_standby_snapshot()');
    lsn = await moveSlot(primary, slot);
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

async function copyOn(node: Node, slot: string, place: ReaderPlace): Promise<Copy> {
  await using session = await readerOn(node, place);
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
