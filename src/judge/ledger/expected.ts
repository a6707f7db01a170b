/** What read-back should find, as far as the journals can tell. */
import type { Ranges } from '../../contracts/evidence.ts';
import { NOTHING, rangesOf, subtract, union } from '../../std/ranges.ts';
import type { Expectation } from '../../evidence/readback/digest.ts';
import type { Ledger } from './ledger.ts';
import { expectedVersionOf } from './update-ledger.ts';

export interface ExpectedRanges {
  /** Acknowledged (or localOnly) and never deleted, as far as the client knows. */
  readonly must: Ranges;
  /** Unknown: indeterminate inserts, and rows with an indeterminate delete. */
  readonly may: Ranges;
  /** Failed inserts and rows deleted for certain. */
  readonly mustNot: Ranges;
  /** Rows from here on: `may` be there when the writer is unfinished, must not otherwise. */
  readonly next: number;
  readonly isFinished: boolean;
}

export function expectedRanges(ledger: Ledger, writer: number): ExpectedRanges {
  const isFinished = ledger.isFinished(writer);
  const state = ledger.writer(writer);
  if (!state) return { must: NOTHING, may: NOTHING, mustNot: NOTHING, next: 0, isFinished };
  const stored = union(state.inserted('acknowledged'), state.inserted('localOnly'));
  const unsure = state.inserted('indeterminate');
  const gone = union(state.deleted('acknowledged'), state.deleted('localOnly'));
  const maybeGone = subtract(state.deleted('indeterminate'), gone);
  const failed = state.inserted('failed');
  return {
    must: subtract(subtract(stored, gone), maybeGone),
    may: subtract(union(subtract(unsure, gone), maybeGone), failed),
    mustNot: union(failed, gone),
    next: state.next,
    isFinished,
  };
}

/**
 * The form read-back works with: one per writer of the run, ascending, also for writers whose journal is missing. Rows
 * with an uncertain version are in both lists.
 */
export function* expectations(ledger: Ledger): Generator<Expectation> {
  for (const writer of ledger.writers()) {
    const { must, may, mustNot } = expectedRanges(ledger, writer);
    const versions = new Map<number, number>();
    const unsure: number[] = [];
    for (const chain of ledger.writer(writer)?.updates.chains() ?? []) {
      const { least, most } = expectedVersionOf(chain);
      if (least !== most) unsure.push(chain.seq);
      else if (most > 0) versions.set(chain.seq, most);
    }
    const uncertain = union(union(may, mustNot), rangesOf(unsure));
    yield { writer, present: must, uncertain, versions };
  }
}
