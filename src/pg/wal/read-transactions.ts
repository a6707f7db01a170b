import { recordsOf, type WalSegment } from './segments.ts';
import { TransactionFold, type WalTransaction } from './transactions.ts';

/** What a stretch of WAL says of transactions. */
export interface WalReading {
  /** Start of the first record, and the insert position after the last; undefined: no record was found. */
  readonly from: number | undefined;
  readonly end: number | undefined;
  /** Start of the last record, if it is the checkpoint of an orderly shutdown. */
  readonly shutdownAt: number | undefined;
  /** Those that end at or after the asked position, in the order of their ends. */
  readonly transactions: readonly WalTransaction[];
}

/** Reads the transactions that end at or after a position. `segments` follow each other. */
export async function readTransactions(
  segments: readonly WalSegment[],
  fromLsn = 0,
): Promise<WalReading> {
  const fold = new TransactionFold();
  const transactions: WalTransaction[] = [];
  let from: number | undefined;
  let end: number | undefined;
  let shutdownAt: number | undefined;
  for await (const records of recordsOf(segments)) {
    for (const record of records) {
      from ??= record.start;
      end = record.next;
      shutdownAt = record.isShutdown && record.start;
      const ended = fold.add(record);
      if (ended && ended.lsn >= fromLsn) transactions.push(ended);
    }
  }
  return { from, end, shutdownAt, transactions };
}
