import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TakenEvidence } from '../contracts/evidence.ts';
import { messageOf } from '../std/errors.ts';
import { readTransactions } from '../pg/wal/read-transactions.ts';
import { unbroken, walSegments, type WalSegment } from '../pg/wal/segments.ts';

interface Stretch {
  readonly segments: readonly WalSegment[];
  /** Where its last record ends; 0: there is none. */
  readonly end: number;
}

export interface LaterWal {
  /** Files that go on where the WAL of the copy ends. */
  readonly files: readonly string[];
  /** Why WAL that may go on was not read: a sentence each. The copy is whole without it. */
  readonly unread: readonly string[];
}

/**
 * A server that takes writes while its copy is made, as one whose Patroni is frozen does, has more in WAL that was taken later: its
 * files, from the newest taking that goes on where the copy ends.
 */
export async function laterWal(
  directory: string,
  copy: TakenEvidence,
  all: readonly TakenEvidence[],
): Promise<LaterWal> {
  const unread: string[] = [];
  const later = all.filter(
    ({ node, timeline, takenAtMs }) =>
      node === copy.node && timeline === copy.timeline && takenAtMs > copy.takenAtMs,
  );
  const ownFolder = path.join(directory, copy.folder, 'data/pg_wal');
  for (const { folder, segments } of later.toReversed()) {
    if (segments.length === 0) continue;
    try {
      const own = await stretchIn(ownFolder, copy.timeline);
      const found = await stretchIn(path.join(directory, folder, 'pg_wal'), copy.timeline);
      if (await goesOn(own, found))
        return { files: found.segments.map(({ file }) => file), unread };
    } catch (error) {
      unread.push(
        `${folder}: its WAL was not replayed on the copy in ${copy.folder}: ${messageOf(error)}`,
      );
    }
  }
  return { files: [], unread };
}

async function stretchIn(folder: string, timeline: number): Promise<Stretch> {
  const segments = unbroken(await walSegments(folder), timeline);
  return { segments, end: (await readTransactions(segments)).end ?? 0 };
}

/** A rewind puts another server's WAL in the same files: what the copy has must stand in them, byte for byte. */
async function goesOn(own: Stretch, later: Stretch): Promise<boolean> {
  const [first] = later.segments;
  if (own.end === 0 || later.end <= own.end || !first || first.from > own.end) return false;
  for (const { file, from, bytes } of later.segments) {
    const before = own.segments.find((segment) => segment.from === from);
    if (!before) continue;
    const shared = Math.min(bytes, own.end - from);
    const [is, was] = await Promise.all([readFile(file), readFile(before.file)]);
    if (!is.subarray(0, shared).equals(was.subarray(0, shared))) return false;
  }
  return true;
}
