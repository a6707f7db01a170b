import type { PlacedWrite } from '../../judge/wal/journaled-writes.ts';
import type { WalOfTransaction } from '../../judge/wal/old-wal.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import type { WalListing } from './wal-listing.ts';

const mostMissingNamed = 20;

/** A listing for people: what it is, then a line per transaction. */
export function* walLines(listing: WalListing): Generator<string> {
  const { name, node, wal, transactions, missing, doubt } = listing;
  const commits = transactions.filter(({ transaction }) => transaction.kind === 'commit');
  const holding = commits.filter(({ write }) => write).length;
  const where =
    wal.fork === undefined ? 'no fork is known' : `past the fork ${formatLsn(wal.fork)}`;
  const end = wal.end === undefined ? 'no record' : `the WAL ends at ${formatLsn(wal.end)}`;
  yield `${name}: timeline ${wal.timeline}, ${where}; ${end}`;
  yield (
    `${commits.length} commits, ${transactions.length - commits.length} aborts` +
    (node === null ? '' : `; ${holding} commits hold a write that this run's journal has`)
  );
  if (doubt !== undefined)
    yield `what was acknowledged past the fork is not to be looked for here: ${doubt}`;
  if (missing.length > 0) yield `acknowledged, and without a commit in this WAL: ${missing.length}`;
  for (const write of missing.slice(0, mostMissingNamed)) {
    yield `  ${written(write)} at ${formatLsn(write.lsn)}`;
  }
  if (transactions.length === 0) return;
  yield line(['time', 'LSN', 'xid', 'end', node === null ? '' : 'write of this run']);
  for (const each of transactions) yield line(cells(each));
}

function cells({ transaction, write, isCertain }: WalOfTransaction): readonly string[] {
  const { atMs, lsn, xid, kind } = transaction;
  const held = write
    ? `${written(write)}${isCertain ? '' : ' (or of one that was open, too)'}`
    : '';
  return [timeOf(atMs), formatLsn(lsn), String(xid), kind, held];
}

const widths = [27, 12, 10, 6, 0];

function line(columns: readonly string[]): string {
  return columns
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd();
}

/** PostgreSQL keeps microseconds. */
export function timeOf(atMs: number): string {
  const microseconds = Math.round((atMs % 1000) * 1000);
  return `${new Date(atMs).toISOString().slice(0, -4)}${String(microseconds).padStart(6, '0')}Z`;
}

function written({ writer, kind, seq, count, version }: PlacedWrite): string {
  const rows = count > 1 ? `rows ${seq} to ${seq + count - 1}` : `row ${seq}`;
  return `writer ${writer}: ${kind} of ${rows}${kind === 'update' ? `, version ${version}` : ''}`;
}

/** The same for programs: positions and times as text. */
export function walJson({ name, node, wal, transactions, missing }: WalListing): object {
  const text = (lsn: number | undefined) => (lsn === undefined ? null : formatLsn(lsn));
  return {
    name,
    node,
    timeline: wal.timeline,
    forkLsn: text(wal.fork),
    fromLsn: text(wal.from),
    endLsn: text(wal.end),
    transactions: transactions.map(({ transaction, write, isCertain }) => ({
      at: timeOf(transaction.atMs),
      lsn: text(transaction.lsn),
      xid: transaction.xid,
      end: transaction.kind,
      firstRecord: text(transaction.first),
      lastRecordEnds: text(transaction.lastRecord),
      subtransactions: transaction.subtransactions,
      write: write ? { ...write, lsn: text(write.lsn), isCertain } : null,
    })),
    missing: missing.map((write) => ({ ...write, lsn: text(write.lsn) })),
  };
}
