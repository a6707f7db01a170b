import type { Ranges } from '../../contracts/evidence.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KIND, OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import type { LostWrites } from '../ledger/tally.ts';
import { firstEndingAtOrAfter, normalize } from '../../std/ranges.ts';

interface LostOfWriter {
  readonly inserts: Ranges;
  readonly deletes: Ranges;
  /** seq -> the update losses of that row. */
  readonly updates: ReadonlyMap<number, readonly LostWrites[]>;
}

/** Which journaled operations the lost writes were. */
export class LostIndex {
  readonly #byWriter = new Map<number, LostOfWriter>();

  constructor(lost: readonly LostWrites[]) {
    for (const [writer, writes] of Map.groupBy(lost, (each) => each.writer)) {
      const rangesOf = (kind: LostWrites['kind']) =>
        normalize(writes.filter((each) => each.kind === kind).map(({ from, to }) => [from, to]));
      const updates = writes.filter(({ kind }) => kind === 'update');
      this.#byWriter.set(writer, {
        inserts: rangesOf('insert'),
        deletes: rangesOf('delete'),
        updates: Map.groupBy(updates, ({ from }) => from),
      });
    }
  }

  /** The rows of this operation that are lost; empty for nearly all. */
  lostOf(cursor: RecordCursor): Ranges {
    if (cursor.outcome > OUTCOME.localOnly) return [];
    const lost = this.#byWriter.get(cursor.writer);
    if (!lost) return [];
    const from = cursor.seq;
    const to = from + cursor.count - 1;
    if (cursor.kind === KIND.update) return lostVersions(lost, cursor, from, to);
    if (cursor.kind === KIND.insert) return overlap(lost.inserts, from, to);
    // A row that is back has all its deletes undone, whatever their outcome.
    return overlap(lost.deletes, from, to);
  }
}

function lostVersions(
  { updates }: LostOfWriter,
  cursor: RecordCursor,
  from: number,
  to: number,
): Ranges {
  if (updates.size === 0) return [];
  const result: [number, number][] = [];
  for (let seq = from; seq <= to; seq++) {
    const { version } = cursor;
    const isLost = updates.get(seq)?.some(({ outcome, versions }) => {
      if (!versions || outcome !== OUTCOMES[cursor.outcome]) return false;
      return versions[0] <= version && version <= versions[1];
    });
    if (isLost) result.push([seq, seq]);
  }
  return result;
}

function overlap(ranges: Ranges, from: number, to: number): Ranges {
  const result: [number, number][] = [];
  for (let at = firstEndingAtOrAfter(ranges, from); at < ranges.length; at++) {
    const range = ranges[at];
    if (!range || range[0] > to) break;
    result.push([Math.max(from, range[0]), Math.min(to, range[1])]);
  }
  return result;
}
