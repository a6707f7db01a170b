import type { Node } from '../../contracts/cluster.ts';
import type { Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { lsnDistance } from '../../std/units/lsn.ts';
import { waitUntil } from '../../std/wait.ts';
import { moveSlot } from './move-slot.ts';
import { type ReaderPlace, readerOn } from './reader-on.ts';

/** Some restarts of a replica, and as many rounds of Patroni's loop: several times what they take with the usual settings. */
const movedTimeoutMs = 90_000;
/** Patroni looks at slots once in its loop_wait. */
const everyMs = 2_000;

interface Surroundings extends ReaderPlace {
  readonly note: (what: string) => void;
}

/** A copy as it was seen last, and whether it has moved since it was made. */
interface Copy {
  readonly startedAt: string;
  readonly lsn: string;
  readonly hasMoved: boolean;
}

/**
 * Waits until every replica that has a copy of a slot that Patroni keeps has moved it. A copy may need WAL that the replica never had: the first move
 * fails, and Patroni stops and starts the replica to copy the slot anew. So the slot is moved here, before the load would do it, and a copy
 * counts when it moves while its server goes on. Returns where the slot is then. Source: Patroni, postgresql/slots.py, sync_slot and
 * copy_logical_slots. Errors: SqlError.
 */
export async function untilCopiesMove(
  primary: Session,
  slot: string,
  { cluster, signal, note }: Surroundings,
): Promise<string> {
  const copies = new Map<string, Copy>();
  let lsn = await moveSlot(primary, slot);
  const haveMoved = async () => {
    // It tells decoding which transactions run, so that what the slot needs moves with it.
    await primary.rows('CHECKPOINT');
    lsn = await moveSlot(primary, slot);
    const still = await Promise.all(
      cluster.nodes.map(async (node) => {
        if (copies.get(node.name)?.hasMoved === true) return [];
        const why = await stillOn(node, slot, { cluster, signal, copies });
        return why === undefined ? [] : [`${node.name}: ${why}`];
      }),
    );
    if (still.flat().length > 0) throw new Error(still.flat().join('; '));
    return true;
  };
  try {
    const options = { timeoutMs: movedTimeoutMs, everyMs, signal };
    await waitUntil(`Patroni has moved the copies of slot ${slot}`, haveMoved, options);
  } catch (error) {
    signal.throwIfAborted();
    note(messageOf(error));
  }
  return lsn;
}

/** Why this node's copy is not known to move yet. Undefined: it does, or the node is the primary, or Patroni keeps no copy there. */
async function stillOn(
  node: Node,
  slot: string,
  { copies, ...place }: ReaderPlace & { readonly copies: Map<string, Copy> },
): Promise<string | undefined> {
  let found: { isReplica: boolean; startedAt: string; lsn: string | null } | undefined;
  try {
    await using session = await readerOn(node, place);
    [found] = await session.rows(
      `SELECT pg_is_in_recovery() AS "isReplica", pg_postmaster_start_time()::text AS "startedAt",
         (SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = $1) AS lsn`,
      [slot],
    );
  } catch (error) {
    place.signal.throwIfAborted();
    return messageOf(error);
  }
  if (found?.isReplica !== true || found.lsn === null) return undefined;
  const { startedAt, lsn } = found;
  const before = copies.get(node.name);
  const hasMoved = before?.startedAt === startedAt && lsnDistance(lsn, before.lsn) > 0;
  copies.set(node.name, { startedAt, lsn, hasMoved });
  return hasMoved ? undefined : `the copy is at ${lsn}`;
}
