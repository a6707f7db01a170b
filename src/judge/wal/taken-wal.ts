import path from 'node:path';
import type { TakenEvidence } from '../../contracts/evidence.ts';
import { readEvidence } from '../../evidence/forensics/read-evidence.ts';
import { whyNoWal } from '../../evidence/forensics/why-no-wal.ts';
import { isKnownError, messageOf } from '../../std/errors.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import { withoutFolder } from '../../std/without-folder.ts';
import { leavesAt, type Ancestry } from '../causes/ancestry.ts';
import type { CommitsBefore } from '../causes/boundary.ts';
import { firstPosition, readOldWal, type OldWal } from './old-wal.ts';
import { endedInOrder } from './orderly-end.ts';

/** What was taken of one node, and its WAL; a problem says why that is not known. */
export interface TakenWal {
  readonly taken: TakenEvidence;
  readonly wal?: OldWal;
  readonly problem?: string;
}

/** The WAL of every taking of a run. A file that cannot be read is a problem of its own, and spoils no other. */
export async function readTakenWal(
  directory: string,
  ancestry: Ancestry | undefined,
): Promise<readonly TakenWal[]> {
  const found: TakenWal[] = [];
  for (const taken of await readEvidence(directory)) {
    found.push(await read(directory, { ...taken, forkLsn: forkOf(taken, ancestry) }));
  }
  return found;
}

async function read(directory: string, taken: TakenEvidence): Promise<TakenWal> {
  const { folder, timeline, forkLsn } = taken;
  const inFolder = path.join(directory, folder, 'pg_wal');
  try {
    const wal = await readOldWal(inFolder, { timeline, forkLsn: forkLsn ?? undefined });
    if (wal?.end === undefined) return { taken, problem: whyNoWal(directory, taken) };
    const problem = await objectionTo(wal, directory, taken);
    return { taken, ...(problem === undefined ? { wal } : { problem }) };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) return { taken, problem: whyNoWal(directory, taken) };
    if (!isKnownError(error)) throw error;
    return { taken, problem: withoutFolder(messageOf(error), directory) };
  }
}

/** Why it says nothing of what was acknowledged past the fork; undefined: it does. */
export async function objectionTo(
  wal: OldWal,
  directory: string,
  taken: TakenEvidence,
): Promise<string | undefined> {
  const { fork, end = 0 } = wal;
  if (fork === undefined) return 'where its timeline forks is not known';
  if (end > fork || (await endedInOrder(directory, taken, wal))) return undefined;
  // pg_rewind copies the WAL files of the new primary, whose own end there.
  return end === fork
    ? 'it ends at the fork point itself, and not in a shutdown of its server after which nothing was written: it was taken after a rewind or while one went on'
    : `it ends at ${formatLsn(end)}, before the fork point: the rest was not taken, or is damaged`;
}

/** Where the final history leaves the timeline counts, if the taking did not know. */
function forkOf({ timeline, forkLsn }: TakenEvidence, ancestry: Ancestry | undefined) {
  const left = ancestry && leavesAt(ancestry, timeline);
  return forkLsn ?? (left === undefined || left === Infinity ? null : formatLsn(left));
}

/** The commits around each fork, as the old primaries' own WAL has them: on both sides of it. */
export function commitsAround(all: readonly TakenWal[]): readonly CommitsBefore[] {
  return all.flatMap(({ wal }) => {
    if (wal?.fork === undefined) return [];
    const { fork, timeline, transactions } = wal;
    const commits = transactions.filter(({ kind }) => kind === 'commit');
    const [before, past] = [
      commits.filter(({ lsn }) => lsn < fork),
      commits.filter(({ lsn }) => lsn >= fork),
    ];
    return {
      timeline,
      fork,
      from: firstPosition(wal),
      commits: before.map(({ lsn, lastRecord = 0 }) => ({ commit: lsn, lastRecord })),
      open: past.map(({ lastRecord = 0 }) => lastRecord),
    };
  });
}
