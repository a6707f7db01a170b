import type { Session } from '../../pg/session.ts';

/** Moves a slot without a reader to where the WAL ends now. Returns where it is then. Errors: SqlError. */
export async function moveSlot(primary: Session, slot: string): Promise<string> {
  const [found] = await primary.rows<{ lsn: string }>(
    'SELECT end_lsn::text AS lsn FROM pg_replication_slot_advance($1, pg_current_wal_lsn())',
    [slot],
  );
  return found?.lsn ?? '0/0';
}
