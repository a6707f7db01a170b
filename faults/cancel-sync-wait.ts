import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone, monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { sqlOf } from './support/sql.ts';

const everyMs = 100;

const params = z.strictObject({
  /** How long it continues to cancel; the injection is in force when that is over. */
  during: duration.prefault('2s'),
  /** Cancels only waits at least this old: an ordinary wait takes a millisecond, and is over before a cancel arrives. */
  waited: duration.prefault('500ms'),
});
type Params = z.infer<typeof params>;

const cancel = `
  SELECT count(*) FILTER (WHERE pg_cancel_backend(pid))::int AS cancelled
    FROM pg_stat_activity
   WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start >= $1 * interval '1 ms'`;

/**
 * The transaction is already committed on the primary; only the wait for the standby is cancelled. COMMIT then succeeds,
 * with the warning that no standby may have it (PostgreSQL, syncrep.c). There is nothing to undo.
 */
const cancelSyncWait: Fault<Params> = {
  summary: 'Cancels every COMMIT on its targets that waits for a synchronous standby.',
  params,
  example: { during: '0s' },
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['sql'],

  async inject(targets, wanted, { signal }) {
    const counts = await allDone(
      targets.map(async (node) => [node.name, await cancelOn(node, wanted, signal)] as const),
    );
    if (counts.every(([, cancelled]) => cancelled === 0)) {
      const where = targets.map(({ name }) => name).join(', ');
      throw new ClusterError(`no COMMIT waited for a synchronous standby on ${where}`);
    }
    return { cancelled: Object.fromEntries(counts) };
  },
};
export default cancelSyncWait;

async function cancelOn(node: Machine, wanted: Params, signal: AbortSignal): Promise<number> {
  const sql = sqlOf(node);
  const untilMs = monotonicMs() + wanted.during;
  let cancelled = 0;
  for (;;) {
    const [row] = await sql.query(cancel, [wanted.waited], { signal });
    cancelled += Number(row?.cancelled ?? 0);
    const nextMs = monotonicMs() + everyMs;
    if (nextMs > untilMs) return cancelled;
    await sleepUntil(nextMs, signal);
  }
}
