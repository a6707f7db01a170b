import type { Unacknowledged, VersionChain } from './update-ledger.ts';
import type { Tally } from './tally.ts';

/** What was found of one row. */
export interface FoundRow {
  readonly writer: number;
  readonly seq: number;
  /** Its version; `removed`: absent, as a delete explains; `gone`: absent, and no delete that we know of. */
  readonly version: number | 'removed' | 'gone';
  readonly isFinished: boolean;
  readonly mayHideDeletes: boolean;
}

/**
 * Gives every update of a row its fate. An update counts as present when the row has its version or a newer one, since
 * a newer one hides it; a delete is newer than all. So an indeterminate update that a later one overwrote is recovered.
 */
export function judgeChain(tally: Tally, chain: VersionChain, row: FoundRow): void {
  const reached = reachedVersion(row.version);
  for (const update of chain.unacknowledged) judgeUnacknowledged(tally, update, row, reached);
  judgeAcknowledged(tally, chain, row, reached);
  judgeUnknownVersions(tally, chain, row);
}

function reachedVersion(version: FoundRow['version']): number {
  if (version === 'removed') return Infinity;
  return version === 'gone' ? -1 : version;
}

function judgeAcknowledged(
  tally: Tally,
  { seq, attempted, unacknowledged }: VersionChain,
  row: FoundRow,
  reached: number,
): void {
  const acknowledged = attempted - unacknowledged.length;
  const top = Math.max(0, Math.min(reached, attempted));
  const present = top - unacknowledged.filter(({ version }) => version <= reached).length;
  tally.add('durable', present);
  const lost = acknowledged - present;
  if (lost === 0) return;
  if (isUndecided(row)) {
    tally.undecided += lost;
    return;
  }
  const others = new Set(unacknowledged.map(({ version }) => version));
  const isAcknowledged = (version: number): boolean => !others.has(version);
  let first = top + 1;
  while (!isAcknowledged(first)) first++;
  let last = attempted;
  while (!isAcknowledged(last)) last--;
  const isRowGone = row.version === 'gone';
  tally.addLost(isRowGone ? 'lost' : 'lostUpdates', {
    writer: row.writer,
    kind: 'update',
    outcome: 'acknowledged',
    from: seq,
    to: seq,
    versions: [first, last],
    count: lost,
    isRowGone,
  });
}

function judgeUnacknowledged(
  tally: Tally,
  { version, outcome }: Unacknowledged,
  row: FoundRow,
  reached: number,
): void {
  const { writer, seq } = row;
  if (outcome === 'indeterminate') {
    tally.add(version <= reached ? 'recovered' : 'dropped', 1);
  } else if (outcome === 'failed') {
    if (version === reached) tally.addUnexpected(writer, [[seq, seq]], 'failedUpdate');
    else tally.add('rejected', 1);
  } else if (version <= reached) {
    tally.add('durable', 1);
  } else if (isUndecided(row)) {
    tally.undecided++;
  } else {
    tally.addLost('lostLocalOnly', {
      writer,
      kind: 'update',
      outcome,
      from: seq,
      to: seq,
      versions: [version, version],
      count: 1,
      isRowGone: row.version === 'gone',
    });
  }
}

/** A version above every attempt: sent after an unfinished journal's last record, or never. Below 0: never sent. */
function judgeUnknownVersions(tally: Tally, { seq, attempted }: VersionChain, row: FoundRow): void {
  if (typeof row.version === 'string') return;
  if (0 <= row.version && row.version <= attempted) return;
  if (row.isFinished || row.version < 0)
    tally.addStrangers(row.writer, [[seq, seq]], 'unknownVersion');
  else tally.addUnjournaled(row.version - attempted);
}

function isUndecided(row: FoundRow): boolean {
  return row.version === 'gone' && row.mayHideDeletes;
}
