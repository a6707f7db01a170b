import type { Outcome } from '../contracts/evidence.ts';
import type { Operation } from '../contracts/workload.ts';

/** The write that a session's own next read must show. */
export interface OwnWrite {
  readonly seq: number;
  /** Or a later one; ignored for a row that was deleted. */
  readonly version: number;
  readonly isDeleted: boolean;
}

/**
 * The last write of one writer that was acknowledged, as long as nothing that it sent since may have changed the same row: of
 * a batch the last row.
 */
export class OwnWrites {
  #last: OwnWrite | undefined;

  get last(): OwnWrite | undefined {
    return this.#last;
  }

  settled({ kind, seq, count, version }: Operation, outcome: Outcome): void {
    const end = seq + count - 1;
    if (outcome === 'acknowledged') {
      this.#last = { seq: end, version, isDeleted: kind === 'delete' };
    } else if (this.#last && seq <= this.#last.seq && this.#last.seq <= end) {
      this.#last = undefined;
    }
  }
}

/** `found`: the version of the row that a read shows; null: it shows no such row. */
export function shows(own: OwnWrite, found: number | null): boolean {
  if (own.isDeleted) return found === null;
  return found !== null && found >= own.version;
}
