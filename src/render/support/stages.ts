import type { ReplicaVerdict, Result } from '../../contracts/result.ts';
import { lostWrites } from '../../std/units/lost-writes.ts';
import { lastTakings } from '../../std/units/wal-takings.ts';
import { listed } from './format.ts';

/** A place that a write passes on its way out of the primary that acknowledged it. */
export interface Stage {
  /** Follows a count: 'in the WAL of pg1', 'flushed', 'on replica pg2'. */
  readonly where: string;
  /** In writes up to the primary, which has passed on rows. null: unknown; absent: not counted in this unit. */
  readonly writes?: number | null;
  readonly rows?: number | null;
  /** What the stage before it has and this one lacks; null: not known. */
  readonly missing: number | null;
}

export interface Stages {
  /** In this order; each lacks what one before it lacks. */
  readonly upToPrimary: readonly Stage[];
  /** Beside each other. */
  readonly replicas: readonly Stage[];
  readonly consumers: readonly Stage[];
}

/**
 * Every stage after the acknowledgement, compared in what both it and the one before it count. What is lost on the primary are
 * fates, not a difference of rows: rows that were deleted, and updates that a later one hides, are not missing.
 */
export function stagesIn(result: Result): Stages {
  const { stages, writes, replicas, downstream = [] } = result;
  const { acknowledged, written = null, flushed = null, onPrimary, onReplicas } = stages;
  const lost = isDecided(writes) ? lostWrites(writes) : null;
  const less = (from: number | null, count: number | null) =>
    from === null || count === null ? null : from - count;
  return {
    upToPrimary: [
      { where: walOf(result), writes: written, missing: less(acknowledged, written) },
      { where: 'flushed', writes: flushed, missing: less(written ?? acknowledged, flushed) },
      {
        where: 'on the primary',
        writes: less(acknowledged, lost),
        rows: onPrimary,
        missing: lost,
      },
    ],
    replicas: replicas.map((replica) => ({
      where: `on replica ${replica.node}`,
      rows: onReplicas[replica.node] ?? null,
      missing: missingOn(replica),
    })),
    consumers: downstream.map(({ name, delivered, missing }) => ({
      where: `at consumer ${name}`,
      writes: delivered,
      missing,
    })),
  };
}

/** False where rows are gone that a delete without a journal may have taken. */
function isDecided(writes: Result['writes']): boolean {
  const { acknowledged, localOnly, durable, lostLocalOnly } = writes;
  const lost = lostWrites(writes);
  if (durable === null || lostLocalOnly === null || lost === null) return false;
  return durable + lost + lostLocalOnly >= (acknowledged ?? 0) + (localOnly ?? 0);
}

function walOf({ wal }: Result): string {
  const nodes = [...new Set(lastTakings(wal ?? []).map(({ node }) => node))];
  if (nodes.length > 0) return `in the WAL of ${listed(nodes)}`;
  return `in the WAL of an old primary${wal === null ? ' (none was taken)' : ''}`;
}

/** Rows in an older version than on the primary lack an update. */
function missingOn({ status, missing, stale = 0 }: ReplicaVerdict): number | null {
  return status === 'unverifiable' ? null : missing + stale;
}
