/** A committed transaction as a write is looked for in it. Positions in bytes of WAL. */
export interface CommitSpan {
  /** The insert position after its last record; undefined: none of its records was seen. */
  readonly lastRecord: number | undefined;
  /** Start of its first record; absent: none was seen. */
  readonly first?: number;
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
 * its commit record, and a transaction holds one operation. A page that the transaction only hints at may be logged after that, in its
 * name: what finds no place is looked for once more between first record and commit record.
 */
export function matchWrites<C extends CommitSpan, W extends { readonly lsn: number }>(
  commits: readonly C[],
  writes: readonly W[],
): Matching<C, W> {
  const found = matchBy(commits, writes, ({ lastRecord = 0 }) => lastRecord);
  if (found.unmatched.length === 0) return found;
  const taken = new Set(found.matches.map(({ commit }) => commit));
  const left = commits.filter((commit) => !taken.has(commit));
  const second = matchBy(left, found.unmatched, ({ first, lastRecord = 0 }) => first ?? lastRecord);
  const uncertain = second.matches.map((match) => ({ ...match, isCertain: false }));
  return { matches: [...found.matches, ...uncertain], unmatched: second.unmatched };
}

/**
 * Of all assignments one with the most writes: each write, in order of position, takes the open transaction that commits first.
 * `opens`: from where on a write may be one's.
 */
function matchBy<C extends CommitSpan, W extends { readonly lsn: number }>(
  commits: readonly C[],
  writes: readonly W[],
  opens: (commit: C) => number,
): Matching<C, W> {
  const waiting = commits.toSorted((a, b) => opens(b) - opens(a));
  const pairs = new Map<C, W>();
  const alone = new Set<W>();
  const unmatched: W[] = [];
  let open: C[] = [];
  for (const write of writes.toSorted((a, b) => a.lsn - b.lsn)) {
    for (let next = waiting.at(-1); next && opens(next) <= write.lsn; next = waiting.at(-1)) {
      open.push(next);
      waiting.pop();
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
