import type { Session } from '../pg/session.ts';
import type { LoadClock } from './clock.ts';
import { newestBeat } from './heartbeat-table.ts';
import { type OwnWrite, type OwnWrites, shows } from './own-writes.ts';

/** What one statement shows of a node, so in one snapshot. */
export interface NodeState {
  readonly role: 'primary' | 'replica';
  /** The newest heartbeat. */
  readonly beat: number;
  readonly sentUs: number;
  /** Whether the last write of the session is there; undefined: it has none that must be. */
  readonly own: { readonly write: OwnWrite; readonly isShown: boolean } | undefined;
}

/** A session that writes, and what was acknowledged to it. */
export interface OwnRows {
  readonly writer: number;
  /** Quoted, with its schema. */
  readonly table: string;
  readonly writes: OwnWrites;
}

export interface StateOptions {
  readonly schema: string;
  /** Absent: the session only reads. */
  readonly own?: OwnRows;
  readonly timeoutMs: number;
  /** Behind a pooler of transactions a prepared statement stays with the server of one of them. */
  readonly isUnnamed?: boolean;
}

interface StateRow {
  readonly inrecovery: boolean;
  readonly beat: number;
  readonly version: number | null;
}

/** Errors: SqlError, also where the tables are not there yet. */
export async function stateOf(
  session: Session,
  clock: LoadClock,
  { schema, own, timeoutMs, isUnnamed = false }: StateOptions,
): Promise<NodeState> {
  const write = own?.writes.last;
  const isOwn = own !== undefined && write !== undefined;
  const version = isOwn
    ? `(SELECT max(version) FROM ${own.table} WHERE writer = $1::int AND seq = $2::int)`
    : 'NULL::int';
  const text = `SELECT pg_is_in_recovery() AS inrecovery, ${newestBeat(schema)} AS beat, ${version} AS version`;
  const values = isOwn ? [own.writer, write.seq] : [];
  const name = isOwn ? 'forkpoint_state_own' : 'forkpoint_state';
  const statement = { text, values, ...(!isUnnamed && { name }) };
  const sentUs = Math.round(clock.nowUs());
  const { rows } = await session.query<StateRow>(statement, { timeoutMs });
  const [row] = rows;
  return {
    role: row?.inrecovery === false ? 'primary' : 'replica',
    beat: row?.beat ?? 0,
    sentUs,
    own: write && { write, isShown: shows(write, row?.version ?? null) },
  };
}
