import type { LostAt, MissingRange } from '../../contracts/result/downstream.ts';
import { ByWrite } from './by-write.ts';
import type { Delivery, Histories } from './fold-changes.ts';
import { boundsInOrder, placeMissing, type Reached } from './place-missing.ts';

type Place = MissingRange['at'];

export interface MissingWrites {
  readonly count: number;
  /** null: nothing tells. */
  readonly at: Readonly<Record<LostAt, number>> | null;
  readonly skipped: number | null;
  /** By writer. */
  readonly ranges: readonly MissingRange[];
}

/** The certain writes that were not delivered. `reached`: undefined where nothing tells how far the consumer came. */
export function missingWrites(
  { first }: Pick<Delivery, 'first'>,
  histories: Histories,
  reached: Reached | undefined,
): MissingWrites {
  const at: Record<LostAt, number> = { slot: 0, consumer: 0, sink: 0 };
  const ranges: MissingRange[] = [];
  let skipped = 0;
  let count = 0;
  for (const [writer, { certain }] of histories) {
    const own = first.get(writer);
    const boundsOf = boundsInOrder(certain.map(({ lsn }) => lsn));
    const missing = new ByWrite<Place>();
    for (const [index, write] of certain.entries()) {
      if (own?.has(write)) continue;
      const placed = reached && placeMissing(boundsOf(index), reached);
      if (placed) at[placed.at]++;
      if (placed?.isSkipped) skipped++;
      missing.add(write, placed?.at ?? 'unknown');
    }
    count += missing.size;
    ranges.push(...placedRanges(writer, missing));
  }
  return { count, at: reached ? at : null, skipped: reached ? skipped : null, ranges };
}

function placedRanges(writer: number, missing: ByWrite<Place>): readonly MissingRange[] {
  const places: readonly Place[] = ['slot', 'consumer', 'sink', 'unknown'];
  return places
    .flatMap((at) => missing.ranges(writer, at).map((range) => ({ ...range, at })))
    .sort((a, b) => a.from - b.from);
}
