import type { LossCause, LostRange } from '../../contracts/result.ts';
import { KINDS } from '../../evidence/journal/format.ts';
import { Column } from '../../std/column.ts';
import type { LossInNumbers } from '../../std/units/loss-bound.ts';
import { formatLsn } from '../../std/units/lsn.ts';

/** Who acknowledged, on which timeline, and why it is gone: a handful of these for however many ranges. */
export interface Place {
  readonly node: string | null;
  readonly timeline: number | null;
  readonly cause: LossCause | null;
}

/** One lost range in numbers: times in milliseconds, positions as bytes of WAL, 0 where unknown. */
export interface RangeNumbers {
  readonly writer: number;
  /** KIND's numbers. */
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  /** Of an update. */
  readonly version: number;
  readonly atMs: number;
  readonly lsn: number;
}

/**
 * The lost ranges of a run in columns: a million take 60 MB. They are added in the order of the journals, extended while
 * they go on, and read as objects, one at a time, by writer and seq.
 */
export class LostRanges implements Iterable<LostRange> {
  readonly #writer = Column.words();
  readonly #kind = Column.bytes();
  readonly #from = Column.words();
  readonly #to = Column.words();
  readonly #firstVersion = Column.words();
  readonly #lastVersion = Column.words();
  readonly #firstMs = Column.doubles();
  readonly #lastMs = Column.doubles();
  readonly #firstLsn = Column.doubles();
  readonly #lastLsn = Column.doubles();
  readonly #place = Column.words();
  readonly #places: Place[] = [];
  readonly #placeNumbers = new Map<string, number>();
  #order: Uint32Array | undefined;

  get size(): number {
    return this.#writer.length;
  }

  /** Returns its index, for `extend`. */
  add(range: RangeNumbers, place: number): number {
    this.#writer.push(range.writer);
    this.#kind.push(range.kind);
    this.#from.push(range.from);
    this.#to.push(range.to);
    this.#firstVersion.push(range.version);
    this.#lastVersion.push(range.version);
    this.#firstMs.push(range.atMs);
    this.#lastMs.push(range.atMs);
    this.#firstLsn.push(range.lsn);
    this.#lastLsn.push(range.lsn);
    this.#place.push(place);
    this.#order = undefined;
    return this.size - 1;
  }

  extend(index: number, { to, version, atMs, lsn }: RangeNumbers): void {
    this.#to.set(index, to);
    this.#lastVersion.set(index, version);
    this.#lastMs.set(index, atMs);
    this.#lastLsn.set(index, lsn);
  }

  endOf(index: number): number {
    return this.#to.at(index);
  }

  placeOf(index: number): number {
    return this.#place.at(index);
  }

  /** The number of a place, the same for the same. */
  placeNumber(place: Place): number {
    const key = `${place.timeline} ${place.cause} ${place.node === null ? '' : `on ${place.node}`}`;
    let number = this.#placeNumbers.get(key);
    if (number === undefined) {
      number = this.#places.push(place) - 1;
      this.#placeNumbers.set(key, number);
    }
    return number;
  }

  /** Decides again why each is lost, once all are known. */
  decideAgain(
    causeOf: (place: Place, ackedAtMs: readonly [number, number]) => Place['cause'],
  ): void {
    for (let at = 0; at < this.size; at++) {
      const place = this.#places[this.#place.at(at)];
      if (!place) continue;
      const cause = causeOf(place, [this.#firstMs.at(at), this.#lastMs.at(at)]);
      if (cause !== place.cause) this.#place.set(at, this.placeNumber({ ...place, cause }));
    }
  }

  *[Symbol.iterator](): Generator<LostRange> {
    for (const { lsn, ...range } of this.inNumbers()) {
      const { versions, ...others } = range;
      const shown = lsn && ([formatLsn(lsn[0]), formatLsn(lsn[1])] as const);
      yield { ...others, lsn: shown, ...(versions && { versions }) };
    }
  }

  /** In the same order. */
  *inNumbers(): Generator<LossInNumbers> {
    for (const at of (this.#order ??= this.#sorted())) yield this.#at(at);
  }

  first(count: number): readonly LostRange[] {
    return this[Symbol.iterator]().take(count).toArray();
  }

  #sorted(): Uint32Array {
    const order = Uint32Array.from({ length: this.size }, (_, at) => at);
    return order.sort(
      (a, b) =>
        this.#writer.at(a) - this.#writer.at(b) ||
        this.#from.at(a) - this.#from.at(b) ||
        this.#firstLsn.at(a) - this.#firstLsn.at(b),
    );
  }

  #at(at: number): LossInNumbers {
    const kind = KINDS[this.#kind.at(at)] ?? 'insert';
    const { cause = null, node = null, timeline = null } = this.#places[this.#place.at(at)] ?? {};
    const [first, last] = [this.#firstLsn.at(at), this.#lastLsn.at(at)];
    return {
      writer: this.#writer.at(at),
      from: this.#from.at(at),
      to: this.#to.at(at),
      kind,
      cause,
      node,
      timeline,
      ackedAtMs: [this.#firstMs.at(at), this.#lastMs.at(at)],
      lsn: first > 0 && last > 0 ? [first, last] : null,
      ...(kind === 'update' && {
        versions: [this.#firstVersion.at(at), this.#lastVersion.at(at)] as const,
      }),
    };
  }
}
