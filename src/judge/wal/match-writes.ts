/** A committed transaction as a write is looked for in it. Positions in bytes of WAL. */
export interface CommitSpan {
  /** The insert position after its last record; undefined: none of its records was seen. */
  readonly lastRecord: number | undefined;
  /** Start of its commit record. */
  readonly lsn: number;
}

export interface Match<C, W> {
  readonly commit: C;
  readonly write: W;
  /** The write's position is the end of the transaction's last record, or no other transaction was open there. */
  readonly isCertain: boolean;
}

export interface Matching<C, W> {
  readonly matches: readonly Match<C, W>[];
  /** Writes for which there is no commit: however they are matched, at least so many have none. */
  readonly unmatched: readonly W[];
}

/**
 * Which committed transaction each write was made in: the write's position lies between the transaction's last record and
 * its commit record, and a transaction holds one operation. Of all such assignments one with the most writes: each write, in
 * order of position, takes the open transaction that commits first.
 */
export function matchWrites<C extends CommitSpan, W extends { readonly lsn: number }>(
  commits: readonly C[],
  writes: readonly W[],
): Matching<C, W> {
  const waiting = commits.toSorted((a, b) => (b.lastRecord ?? 0) - (a.lastRecord ?? 0));
  const pairs = new Map<C, W>();
  const alone = new Set<W>();
  const unmatched: W[] = [];
  let open: C[] = [];
  for (const write of writes.toSorted((a, b) => a.lsn - b.lsn)) {
    while (waiting.length > 0 && (waiting.at(-1)?.lastRecord ?? 0) <= write.lsn) {
      open.push(...waiting.splice(-1));
    }
    open = open.filter(({ lsn }) => lsn >= write.lsn);
    const [first] = open.filter((each) => !pairs.has(each)).sort((a, b) => a.lsn - b.lsn);
    if (!first) {
      unmatched.push(write);
      continue;
    }
    if (open.length === 1) alone.add(write);
    pairs.set(first, write);
  }
  swapToExact(commits, pairs);
  const matches = [...pairs].map(([commit, write]) => {
    return { commit, write, isCertain: isExact(commit, write) || alone.has(write) };
  });
  return { matches, unmatched };
}

/** Gives a write the transaction whose last record ends where it stands, if that takes no write from another. */
function swapToExact<C extends CommitSpan, W extends { readonly lsn: number }>(
  commits: readonly C[],
  pairs: Map<C, W>,
): void {
  const endsAt = new Map(commits.map((commit) => [commit.lastRecord, commit]));
  for (const [commit, write] of [...pairs]) {
    const exact = endsAt.get(write.lsn);
    if (!exact || exact === commit || pairs.get(commit) !== write) continue;
    const other = pairs.get(exact);
    if (other && (isExact(exact, other) || !spans(commit, other))) continue;
    pairs.set(exact, write);
    if (other) pairs.set(commit, other);
    else pairs.delete(commit);
  }
}

function isExact({ lastRecord }: CommitSpan, { lsn }: { readonly lsn: number }): boolean {
  return lastRecord === lsn;
}

function spans(commit: CommitSpan, { lsn }: { readonly lsn: number }): boolean {
  return (commit.lastRecord ?? 0) <= lsn && lsn <= commit.lsn;
}
