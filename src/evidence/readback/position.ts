import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeReading } from '../../contracts/evidence.ts';
import type { Session } from '../../pg/session.ts';
import { withoutPageHeader } from '../../pg/lsn.ts';
import { monotonicMs } from '../../std/wait.ts';

export interface Position {
  readonly role: NodeReading['role'];
  readonly timeline: number;
  readonly lsn: string;
}

/** Where a server stands; of a snapshot, when it is the first that is asked in it: all that the snapshot shows lies before. */
export async function readPosition(session: Session): Promise<Position> {
  interface Row {
    readonly standby: boolean;
    readonly timeline: number;
    readonly lsn: string;
  }
  // A standby has no insert position; its timeline is the one its receiver streams, or the last restart point's.
  const [row] = await session.rows<Row>(`SELECT pg_is_in_recovery() AS standby,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
         ELSE pg_current_wal_insert_lsn() END::text AS lsn,
    CASE WHEN pg_is_in_recovery() THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
           (SELECT timeline_id FROM pg_control_checkpoint()))
         ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
         END AS timeline`);
  if (!row) throw new Error('the server gave no position');
  return { role: row.standby ? 'replica' : 'primary', timeline: row.timeline, lsn: row.lsn };
}

/** True once a standby has replayed as far as `lsn`, and of a server that is none; false when the time is up before. */
export async function hasReplayed(
  session: Session,
  lsn: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const untilMs = monotonicMs() + timeoutMs;
  for (;;) {
    const [row] = await session.rows<{ isThere: boolean }>(
      `SELECT NOT pg_is_in_recovery() OR coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS "isThere"`,
      [withoutPageHeader(lsn)],
    );
    if (row?.isThere === true) return true;
    if (monotonicMs() >= untilMs) return false;
    await sleep(50, undefined, { signal });
  }
}
