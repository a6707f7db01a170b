import type { ForkCommits, ReadBack } from '../../contracts/evidence.ts';
import type { Session } from '../../pg/session.ts';
import { formatLsn, parseLsn } from '../../pg/lsn.ts';
import { WAL_PAGE_BYTES, walRecords, type WalRecord } from '../../pg/wal/records.ts';
import { TransactionFold } from '../../pg/wal/transactions.ts';

/** Far more than the writes that can be under way at a fork leave between their own record and their commit's. */
const windowBytes = 65_536;
/** The newest forks: those of the run are among them. */
const mostForks = 16;

interface FileStretch {
  readonly names: readonly string[];
  readonly offset: number;
  readonly from: number;
  readonly segmentBytes: number;
}

/**
 * Which transactions were committed shortly before the forks of the final history, by the WAL of the final primary.
 * Whether a write that stands next to a fork was committed before it is decided by this alone.
 * Errors: SqlError where the login may not read server files (superuser or pg_read_server_files). What the server no
 *   longer has is left out.
 */
export async function readForkCommits(
  session: Session,
  history: ReadBack['history'],
): Promise<readonly ForkCommits[]> {
  const newest = history.reduce<ReadBack['history'][number] | undefined>(
    (last, each) => (last && last.timeline > each.timeline ? last : each),
    undefined,
  );
  const [size] = await session.rows<{ segment: string; page: string }>(
    `SELECT (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS segment,
       current_setting('wal_block_size') AS page`,
  );
  if (!newest || size?.page !== String(WAL_PAGE_BYTES)) return [];
  const found: ForkCommits[] = [];
  const { ancestors, timeline } = newest;
  for (const [index, ancestor] of ancestors.entries()) {
    if (index < ancestors.length - mostForks) continue;
    const fork = Number(parseLsn(ancestor.lsn));
    const child = ancestors[index + 1]?.timeline ?? timeline;
    const stretch = stretchBefore(fork, [child, ancestor.timeline], Number(size.segment));
    const commits = await readStretch(session, stretch, fork);
    if (commits) found.push({ timeline: ancestor.timeline, lsn: ancestor.lsn, ...commits });
  }
  return found;
}

/** A promotion copies the file that holds the fork, up to the fork, to the new timeline: the child's own is asked first. */
function stretchBefore(
  fork: number,
  timelines: readonly number[],
  segmentBytes: number,
): FileStretch {
  const segment = Math.floor((fork - 1) / segmentBytes);
  const perId = 2 ** 32 / segmentBytes;
  const hex = (part: number) => part.toString(16).toUpperCase().padStart(8, '0');
  const begin = segment * segmentBytes;
  const page = Math.floor((fork - windowBytes) / WAL_PAGE_BYTES) * WAL_PAGE_BYTES;
  const from = Math.max(begin, page);
  const names = timelines.map(
    (timeline) => hex(timeline) + hex(Math.floor(segment / perId)) + hex(segment % perId),
  );
  return { names, offset: from - begin, from, segmentBytes };
}

async function readStretch(
  session: Session,
  { names, offset, from, segmentBytes }: FileStretch,
  fork: number,
): Promise<Omit<ForkCommits, 'timeline' | 'lsn'> | undefined> {
  const length = Math.ceil((fork - from) / WAL_PAGE_BYTES) * WAL_PAGE_BYTES;
  for (const name of names) {
    const [row] = await session.rows<{ wal: string | null }>(
      `SELECT encode(pg_read_binary_file('pg_wal/' || $1, $2, $3, true), 'base64') AS wal`,
      [name, offset, length],
    );
    const records = walRecords(Buffer.from(row?.wal ?? '', 'base64'), { from, segmentBytes });
    const before = records.filter(({ start }) => start < fork);
    const [first, last] = [before[0], before.at(-1)];
    // Cut short, or of another history: a commit that is not seen there proves nothing.
    if (!first || !last || last.next < fork) continue;
    const fromLsn = formatLsn(BigInt(first.start));
    return { fromLsn, ...transactionsIn(before) };
  }
  return undefined;
}

function transactionsIn(records: readonly WalRecord[]): Pick<ForkCommits, 'transactions' | 'open'> {
  const fold = new TransactionFold();
  const text = (lsn: number) => formatLsn(BigInt(lsn));
  const transactions = records.flatMap((record) => {
    const ended = fold.add(record);
    if (ended?.kind !== 'commit') return [];
    const { lsn, lastRecord } = ended;
    return [{ commit: text(lsn), lastRecord: lastRecord === undefined ? null : text(lastRecord) }];
  });
  return { transactions, open: fold.openPositions().map(text) };
}
