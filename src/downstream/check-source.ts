import type { Session } from '../pg/session.ts';
import { parseHistory } from '../pg/timeline.ts';
import { parseLsn } from '../std/units/lsn.ts';
import type { Position } from './change.ts';

/** What a consumer cannot deliver: committed after `fromLsn`, up to `toLsn`. Nothing mends it but a new copy of the tables. */
export class Gap extends Error {
  readonly fromLsn: string;
  readonly toLsn: string;

  constructor(
    { fromLsn, toLsn }: { readonly fromLsn: string; readonly toLsn: string },
    why: string,
  ) {
    super(why);
    this.name = 'Gap';
    this.fromLsn = fromLsn;
    this.toLsn = toLsn;
  }
}

interface Source {
  readonly timeline: number;
  readonly lsn: string;
  readonly confirmed: string | null;
  readonly wal: string | null;
  readonly exists: boolean;
}

/**
 * Whether a primary still has everything after the position, in its history and in the slot. Returns its timeline.
 * Errors: Gap with the range of WAL; SqlError.
 */
export async function checkSource(
  session: Session,
  { slot, node, position }: SourceQuestion,
): Promise<number> {
  const [found] = await session.rows<Source>(
    `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline,
       pg_current_wal_lsn()::text AS lsn, s.confirmed_flush_lsn::text AS confirmed, s.wal_status AS wal,
       s.slot_name IS NOT NULL AS exists
     FROM (SELECT $1::name AS wanted) w LEFT JOIN pg_replication_slots s ON s.slot_name = w.wanted`,
    [slot],
  );
  if (!found) throw new Error(`${node}: pg_replication_slots gave no row`);
  const { lsn: fromLsn } = position;
  const { timeline, lsn: toLsn } = found;
  await checkHistory(session, timeline, position, node);
  const at = `on ${node}, timeline ${timeline}`;
  if (!found.exists) {
    throw new Gap({ fromLsn, toLsn }, `slot ${slot} does not exist ${at}`);
  }
  if (found.wal === 'lost' || found.confirmed === null) {
    throw new Gap(
      { fromLsn, toLsn },
      `slot ${slot} ${at} is invalid: the WAL it needs was removed`,
    );
  }
  if (parseLsn(found.confirmed) > parseLsn(fromLsn)) {
    const why = `slot ${slot} ${at} begins at ${found.confirmed}, and the sink has what was committed up to ${fromLsn}`;
    throw new Gap({ fromLsn, toLsn: found.confirmed }, why);
  }
  return timeline;
}

interface SourceQuestion {
  readonly slot: string;
  readonly node: string;
  readonly position: Position;
}

/** The sink may have more of an abandoned timeline than the new primary has: what that wrote instead would never be sent. */
async function checkHistory(
  session: Session,
  timeline: number,
  position: Position,
  node: string,
): Promise<void> {
  if (timeline === position.timeline) return;
  const name = `pg_wal/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const [file] = await session.rows<{ text: string }>('SELECT pg_read_file($1) AS text', [name]);
  const left = parseHistory(file?.text ?? '').find((each) => each.timeline === position.timeline);
  const toLsn = position.lsn;
  if (!left) {
    const why = `timeline ${timeline} of ${node} does not descend from timeline ${position.timeline}, of which the sink has ${toLsn}`;
    throw new Gap({ fromLsn: '0/0', toLsn }, why);
  }
  if (parseLsn(toLsn) <= parseLsn(left.lsn)) return;
  const why =
    `the sink has timeline ${position.timeline} up to ${toLsn}, and timeline ${timeline} of ${node} left it at ${left.lsn}: ` +
    'what the sink has of that range is not on the primary, and what the primary has of it is not sent';
  throw new Gap({ fromLsn: left.lsn, toLsn }, why);
}
