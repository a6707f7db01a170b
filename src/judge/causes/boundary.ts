import type { ReadBack } from '../../contracts/evidence.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import type { GoneWrite } from './gone-write.ts';
import type { Server } from './servers.ts';

/** The least a commit record takes. A write that stands closer to the fork than that was committed past it. */
const COMMIT_RECORD_BYTES = 34;

/**
 * The journaled LSN is the insert position before the commit record; other sessions may write in between. Two full-page
 * images (of a heap and of an index page) are 16 KiB: what stands further from the fork than that was committed before it.
 */
export const BOUNDARY_BYTES = 16_384;

/** Where a transaction's last record ends, and where its commit record begins. */
interface Commit {
  readonly lastRecord: number;
  readonly commit: number;
}

export interface CommitsBefore {
  readonly timeline: number;
  readonly fork: number;
  readonly from: number;
  readonly commits: readonly Commit[];
  /**
   * Where the last records of the transactions end that were open at the fork: what stands in them was committed past it, if at
   * all. Absent: a version that did not read that.
   */
  readonly open?: readonly number[];
}

/** As the final primary's WAL has them. */
export function commitsOf({ commits = [] }: ReadBack): readonly CommitsBefore[] {
  return commits.map(({ timeline, lsn, fromLsn, transactions, open }) => ({
    timeline,
    fork: lsnNumber(lsn),
    from: lsnNumber(fromLsn),
    commits: transactions.map(({ commit, lastRecord }) => ({
      commit: lsnNumber(commit),
      lastRecord: lastRecord === null ? 0 : lsnNumber(lastRecord),
    })),
    ...(open && { open: open.map(lsnNumber) }),
  }));
}

interface BoundaryEvidence {
  readonly server: Server | undefined;
  readonly commits: readonly CommitsBefore[];
  readonly boundaryBytes: number;
}

/**
 * Whether a write whose position is before the fork was committed past it. undefined: it was committed before. null: it is
 * close to the fork, and the WAL there was not read.
 */
export function pastFork(
  { timeline, lsn, atUs = Infinity }: GoneWrite,
  fork: number,
  { server, commits, boundaryBytes }: BoundaryEvidence,
): 'forked' | 'boundary' | null | undefined {
  // Another write that was sent after this one was answered had a position before the fork, and so has this one's commit.
  if (atUs < (server?.sentBeforeForkUs ?? 0)) return undefined;
  if (fork - lsn < COMMIT_RECORD_BYTES) return 'boundary';
  const wal = commits.find((each) => each.timeline === timeline && each.fork === fork);
  if (!wal || lsn < wal.from) return fork - lsn <= boundaryBytes ? null : undefined;
  const before = wal.commits.filter((each) => each.lastRecord <= lsn && each.commit >= lsn);
  if (before.length === 0) return 'forked';
  // A transaction whose last record ends where the write was told that it stands is this write's.
  if (before.some(({ lastRecord }) => lastRecord === lsn)) return undefined;
  const past = wal.open?.filter((lastRecord) => lastRecord <= lsn);
  if (past?.includes(lsn)) return 'forked';
  return past?.length === 0 ? undefined : 'boundary';
}
