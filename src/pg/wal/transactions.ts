import type { WalRecord } from './records.ts';
import type { TransactionEnd } from './transaction-end.ts';

/** One transaction by its records. Positions as in WalRecord. */
export interface WalTransaction extends TransactionEnd {
  /** Start of its first record that was seen. */
  readonly first: number;
  /** The insert position after its last record before its end; undefined: none was seen. */
  readonly lastRecord: number | undefined;
  /** Start of its commit or abort record, and the insert position after that. */
  readonly lsn: number;
  readonly next: number;
}

interface Seen {
  readonly first: number;
  readonly last: number;
}

/** Puts the records of each transaction together, with those of its subtransactions. Receives every record, in order. */
export class TransactionFold {
  readonly #open = new Map<number, Seen>();

  /** The transaction that this record ends. */
  add({ start, next, xid, ends }: WalRecord): WalTransaction | undefined {
    if (ends) return this.#close(ends, start, next);
    if (xid !== 0) this.#open.set(xid, { first: this.#open.get(xid)?.first ?? start, last: next });
    return undefined;
  }

  /** The insert positions after the last records of what has not ended. */
  openPositions(): readonly number[] {
    return [...this.#open.values()].map(({ last }) => last);
  }

  #close(ends: TransactionEnd, lsn: number, next: number): WalTransaction {
    let [first, lastRecord] = [lsn, 0];
    for (const xid of [ends.xid, ...ends.subtransactions]) {
      const seen = this.#open.get(xid);
      if (!seen) continue;
      this.#open.delete(xid);
      first = Math.min(first, seen.first);
      lastRecord = Math.max(lastRecord, seen.last);
    }
    return { ...ends, first, lastRecord: lastRecord || undefined, lsn, next };
  }
}
