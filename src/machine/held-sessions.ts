import { createHash } from 'node:crypto';
import type { HeldNow, HeldSession, HeldSlot, SqlControl } from '../contracts/cluster.ts';
import type { Session } from '../pg/session.ts';
import { quoteLiteral } from '../pg/quote.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { allDone, waitUntil } from '../std/wait.ts';

const releaseTimeoutMs = 15_000;
const waitsTimeoutMs = 10_000;
const answerTimeoutMs = 30_000;
/** A logical one waits for every transaction that is open. */
const slotTimeoutMs = 60_000;
/** Each is a process that the server forks. */
const openedAtOnce = 8;

/** Names on the server of what is held under a tag. */
export interface HeldNames {
  /** What the application_name of its sessions begins with; PostgreSQL keeps 63 bytes of it. */
  readonly sessions: string;
  /** Its prepared transaction. */
  readonly prepared: string;
  /** Its replication slot. */
  readonly slot: string;
}

/** What the names of everything held begin with, whichever tag or run it is of. */
export const heldPrefixes: HeldNames = {
  sessions: 'forkpoint hold ',
  prepared: 'forkpoint_hold_',
  slot: 'forkpoint_hold_',
};

export function heldNames(tag: string): HeldNames {
  const hash = createHash('sha256').update(tag).digest('hex').slice(0, 12);
  return {
    sessions: `${heldPrefixes.sessions}${hash} `,
    prepared: `${heldPrefixes.prepared}${hash}`,
    // To be read and written by people: Patroni's ignore_slots wants it.
    slot: slotName(tag, hash),
  };
}

/** PostgreSQL allows a-z, 0-9 and _, and 63 of them. */
function slotName(tag: string, hash: string): string {
  const name = `${heldPrefixes.slot}${tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
  return name.length <= 63 ? name : `${name.slice(0, 50)}_${hash}`;
}

interface Own {
  readonly session: Session;
  /** A statement of it waits in the server. */
  isWaiting: boolean;
}

/**
 * Sessions that stay open on one server. They end by themselves when this process dies: the server sees the end of an idle
 * session at once, that of one that waits for a lock within two seconds, and that of one behind a cut within 90 s.
 */
export function heldSessions(
  open: (applicationName: string) => Promise<Session>,
): Pick<SqlControl, 'hold' | 'held' | 'holdSlot' | 'release'> {
  const all = new Map<string, Own[]>();
  const hold = async (tag: string, wanted: readonly HeldSession[], signal?: AbortSignal) => {
    const own = all.get(tag) ?? [];
    all.set(tag, own);
    const openOne = async (each: HeldSession) => {
      const session = await open(`${heldNames(tag).sessions}${tag}`);
      const { prepared } = heldNames(tag);
      const begun = await begin(session, each, prepared);
      if (begun) own.push(begun);
    };
    const waiting = wanted.filter(({ waits }) => waits !== undefined);
    const others = wanted.filter(({ waits }) => waits === undefined);
    for (let at = 0; at < others.length; at += openedAtOnce) {
      signal?.throwIfAborted();
      await allDone(others.slice(at, at + openedAtOnce).map(openOne));
    }
    // Once the locks are held that they are to wait for.
    await allDone(waiting.map(openOne));
    if (waiting.length === 0) return;
    const areWaiting = async () =>
      (await lookBy(own, tag)).waiting >= waiting.length ||
      // A limit of the server's ended the wait already.
      own.some(({ session }) => session.ended !== undefined);
    await waitUntil('the statement waits for its lock', areWaiting, {
      timeoutMs: waitsTimeoutMs,
      everyMs: 50,
      ...(signal && { signal }),
    });
  };
  const lookBy = async (own: readonly Own[], tag: string): Promise<Look> => {
    try {
      await using fresh = await open('forkpoint nemesis');
      return await look(fresh, tag);
    } catch (error) {
      // The last resort, where no connection is left: a statement in a held session restarts the server's timeouts for idle ones.
      const usable = own.find(({ session, isWaiting }) => session.isOpen && !isWaiting);
      if (!usable) throw error;
      return look(usable.session, tag);
    }
  };
  return {
    hold: async (tag, wanted, signal) => {
      try {
        await hold(tag, wanted, signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw new ClusterError(messageOf(error), { cause: error });
      }
    },
    holdSlot: async (tag, kind, signal) => {
      const { slot } = heldNames(tag);
      try {
        await using session = await open('forkpoint nemesis');
        signal?.throwIfAborted();
        await session.rows(makeSlot[kind], [slot], { timeoutMs: slotTimeoutMs });
        return slot;
      } catch (error) {
        signal?.throwIfAborted();
        throw new ClusterError(messageOf(error), { cause: error });
      }
    },
    held: async (tag) => {
      const own = all.get(tag) ?? [];
      const { sessions, hasPrepared, slot } = await lookBy(own, tag);
      const endedBy = own.flatMap(({ session }) => session.ended?.sqlState ?? []);
      return { sessions, endedBy, hasPrepared, ...(slot && { slot }) };
    },
    release: async (tag, signal) => {
      const own = all.get(tag) ?? [];
      all.delete(tag);
      for (const { session } of own) session.destroy();
      await using session = await open('forkpoint nemesis');
      await releaseHeld(session, heldNames(tag), signal);
    },
  };
}

/** As far as the server knows them: client_connection_check_interval is of PostgreSQL 14. */
const ownSettings = `SELECT set_config(known.name, wanted.value, false)
  FROM (VALUES ('tcp_keepalives_idle', '60'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
               ('client_connection_check_interval', '2000')) AS wanted (name, value)
  JOIN pg_settings AS known ON known.name = wanted.name`;

/** Undefined: nothing of it needs the session any more. */
async function begin(
  session: Session,
  { statements, waits, isPrepared }: HeldSession,
  prepared: string,
): Promise<Own | undefined> {
  try {
    await session.rows(ownSettings);
    const last = isPrepared ? [`PREPARE TRANSACTION ${quoteLiteral(prepared)}`] : [];
    for (const text of [...statements, ...last]) {
      await session.rows(text, [], { timeoutMs: answerTimeoutMs });
    }
  } catch (error) {
    session.destroy();
    throw error;
  }
  if (isPrepared) {
    await session[Symbol.asyncDispose]();
    return undefined;
  }
  const own: Own = { session, isWaiting: waits !== undefined };
  if (waits === undefined) return own;
  // Its end is the wait's: granted, or refused by a limit of the server's. `held` says which sessions are gone.
  const over = () => void (own.isWaiting = false);
  session.rows(waits).then(over, over);
  return own;
}

const makeSlot = {
  physical: 'SELECT pg_create_physical_replication_slot($1, true)',
  logical: "SELECT pg_create_logical_replication_slot($1, 'pgoutput')",
} as const;

const slotNow = `
  SELECT slot_name AS name, active AS "isActive", wal_status AS "walStatus",
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                              ELSE pg_current_wal_lsn() END, restart_lsn)::float8 AS "retainedBytes"
    FROM pg_replication_slots WHERE slot_name = $1`;

interface Look extends Pick<HeldNow, 'sessions' | 'hasPrepared' | 'slot'> {
  readonly waiting: number;
}

async function look(session: Session, tag: string): Promise<Look> {
  const [found] = await session.rows<Look>(
    `SELECT count(*)::int AS sessions, count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting,
            EXISTS (SELECT FROM pg_prepared_xacts WHERE gid = $2) AS "hasPrepared"
       FROM pg_stat_activity WHERE starts_with(application_name, $1)`,
    [heldNames(tag).sessions, heldNames(tag).prepared],
  );
  const [slot] = await session.rows<HeldSlot>(slotNow, [heldNames(tag).slot]);
  return { ...(found ?? { sessions: 0, waiting: 0, hasPrepared: false }), ...(slot && { slot }) };
}

/**
 * Ends the sessions, drops the slots and decides the prepared transactions whose names begin so; the last in this database: no other
 * can, and a standby has none of its own. Returns what there was, for people. Errors: ClusterError for a session that does not end.
 */
export async function releaseHeld(
  session: Session,
  names: HeldNames,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const ended = new Set<string>();
  const areGone = async () => {
    const left = await session.rows<{ name: string }>(
      `SELECT application_name AS name, pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE starts_with(application_name, $1)`,
      [names.sessions],
    );
    for (const { name } of left) ended.add(`session '${name}'`);
    return left.length === 0;
  };
  const what = `the sessions called '${names.sessions.trim()}' have ended`;
  const times = { timeoutMs: releaseTimeoutMs, everyMs: 50, ...(signal && { signal }) };
  await waitUntil(what, areGone, times);
  const prepared = await session.rows<{ gid: string }>(
    `SELECT gid FROM pg_prepared_xacts
      WHERE NOT pg_is_in_recovery() AND database = current_database() AND starts_with(gid, $1)`,
    [names.prepared],
  );
  for (const { gid } of prepared) await session.rows(`ROLLBACK PREPARED ${quoteLiteral(gid)}`);
  // One that a consumer reads cannot be dropped: the error says so.
  const slots = await session.rows<{ name: string }>(
    `SELECT slot_name AS name, pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE starts_with(slot_name, $1)`,
    [names.slot],
  );
  return [
    ...ended,
    ...prepared.map(({ gid }) => `prepared transaction ${gid}`),
    ...slots.map(({ name }) => `replication slot ${name}`),
  ];
}
