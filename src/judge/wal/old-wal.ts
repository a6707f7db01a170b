import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { lsnNumber } from '../../std/units/lsn.ts';
import { parseHistory } from '../../pg/timeline.ts';
import { readTransactions, type WalReading } from '../../pg/wal/read-transactions.ts';
import { unbroken, walSegments } from '../../pg/wal/segments.ts';
import { matchWrites } from './match-writes.ts';
import type { PlacedWrite } from './journaled-writes.ts';
import type { WalTransaction } from '../../pg/wal/transactions.ts';

/** A write near the fork may have been committed past it: this much before it is read as well. */
const beforeForkBytes = 65_536;

/** The WAL of one server on the timeline that it left, or that others left. */
export interface OldWal extends WalReading {
  readonly timeline: number;
  /** Where the cluster's history leaves this timeline; undefined: it does not, or that is unknown, and all was read. */
  readonly fork: number | undefined;
  /** Transactions that end before it were not kept. */
  readonly keptFrom: number;
  readonly files: number;
}

export interface WalOfTransaction {
  readonly transaction: WalTransaction;
  /** What of the run it holds; absent: nothing, it was aborted, or its write was not acknowledged. */
  readonly write?: PlacedWrite;
  /** Whether another transaction that was open at the same time may hold it instead. */
  readonly isCertain: boolean;
}

export interface PlacedWal {
  /** Those that end past the fork, or all where there is none. */
  readonly transactions: readonly WalOfTransaction[];
  /** Acknowledged past the fork by this server before its WAL was taken, and no commit record is there for them. */
  readonly missing: readonly PlacedWrite[];
}

interface WhichWal {
  /** Absent: the newest of the folder. */
  readonly timeline?: number;
  /** As text; absent: as the folder's timeline histories say. */
  readonly forkLsn?: string | undefined;
}

/**
 * Reads the WAL files of a folder: one timeline, from its fork on. Undefined when the folder holds none of it.
 * Errors: CorruptHistory; those of walSegments.
 */
export async function readOldWal(
  folder: string,
  { timeline: asked, forkLsn }: WhichWal = {},
): Promise<OldWal | undefined> {
  const all = await walSegments(folder);
  const timeline = asked ?? all.at(-1)?.timeline;
  if (timeline === undefined) return undefined;
  const segments = unbroken(all, timeline);
  if (segments.length === 0) return undefined;
  const fork = forkLsn === undefined ? await forkIn(folder, timeline) : lsnNumber(forkLsn);
  const keptFrom = fork === undefined ? 0 : fork - beforeForkBytes;
  const reading = await readTransactions(segments, keptFrom);
  return { ...reading, timeline, fork, keptFrom, files: segments.length };
}

/** The newest history that leaves the timeline counts. */
async function forkIn(folder: string, timeline: number): Promise<number | undefined> {
  const names = (await readdir(folder)).filter((name) => /^[0-9A-F]{8}\.history$/.test(name));
  for (const name of names.sort().reverse()) {
    const ancestors = parseHistory(await readFile(path.join(folder, name), 'utf8'));
    const left = ancestors.find((ancestor) => ancestor.timeline === timeline);
    if (left) return lsnNumber(left.lsn);
  }
  return undefined;
}

/** From where on writes are to be looked for in it. */
export function firstPosition({ from = 0, keptFrom }: OldWal): number {
  return Math.max(from, keptFrom);
}

/**
 * Which transaction each write was made in. `writes`: all that its server acknowledged from firstPosition on. `takenAtMs`: since the
 * start of the load; what was acknowledged later stands in WAL that was not there yet.
 */
export function placeWrites(
  wal: OldWal,
  writes: readonly PlacedWrite[],
  takenAtMs = Infinity,
): PlacedWal {
  const { transactions, fork = 0 } = wal;
  const commits = transactions.filter(({ kind }) => kind === 'commit');
  const { matches, unmatched } = matchWrites(commits, writes);
  const matchOf = new Map(matches.map((match) => [match.commit, match]));
  return {
    transactions: transactions
      .filter(({ lsn }) => lsn >= fork)
      .map((transaction) => {
        const match = matchOf.get(transaction);
        if (!match) return { transaction, isCertain: true };
        return { transaction, write: match.write, isCertain: match.isCertain };
      }),
    missing: unmatched.filter(
      ({ lsn, answeredUs, isNodeKnown }) =>
        lsn >= fork && isNodeKnown && answeredUs < takenAtMs * 1000,
    ),
  };
}
