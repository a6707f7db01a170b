import type { Ranges } from '../../contracts/evidence.ts';
import { KIND, KINDS, OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import { Column } from '../../std/column.ts';
import { normalize } from '../../std/ranges.ts';

/** Acknowledged or localOnly writes whose effect is not on the primary. */
export interface LostWrites {
  readonly writer: number;
  /** delete: undone, for the row is back. */
  readonly kind: 'insert' | 'update' | 'delete';
  readonly outcome: 'acknowledged' | 'localOnly';
  readonly from: number;
  readonly to: number;
  /** Of an update: first and last version that are gone; those in between that were not successes do not count. */
  readonly versions?: readonly [from: number, to: number];
  /** Writes: rows of an insert, successful versions of an update. */
  readonly count: number;
  /** Update only: the whole row is gone, not just its newest versions. */
  readonly isRowGone?: boolean;
}

/** 0: no update, which has no version; then whether the row is there. */
const ROW = { none: 0, there: 1, gone: 2 } as const;

/** Lost writes in columns: a million scattered ones take 30 MB. Read as objects, one at a time. */
export class LostLog implements Iterable<LostWrites> {
  readonly #writer = Column.words();
  readonly #kind = Column.bytes();
  readonly #outcome = Column.bytes();
  readonly #from = Column.words();
  readonly #to = Column.words();
  readonly #firstVersion = Column.words();
  readonly #lastVersion = Column.words();
  readonly #count = Column.words();
  readonly #row = Column.bytes();
  /** Position of the acknowledged inserts of each writer, computed on demand. */
  #byWriter: ReadonlyMap<number, readonly number[]> | undefined;

  get size(): number {
    return this.#writer.length;
  }

  add({ writer, kind, outcome, from, to, versions, count, isRowGone }: LostWrites): void {
    this.#byWriter = undefined;
    this.#writer.push(writer);
    this.#kind.push(KIND[kind]);
    this.#outcome.push(OUTCOME[outcome]);
    this.#from.push(from);
    this.#to.push(to);
    this.#firstVersion.push(versions?.[0] ?? 0);
    this.#lastVersion.push(versions?.[1] ?? 0);
    this.#count.push(count);
    this.#row.push(isRowGone === undefined ? ROW.none : isRowGone ? ROW.gone : ROW.there);
  }

  *[Symbol.iterator](): Generator<LostWrites> {
    for (let at = 0; at < this.size; at++) yield this.#at(at);
  }

  /** Whether an acknowledged update or delete is among them. */
  hasLostChanges(): boolean {
    for (let at = 0; at < this.size; at++) {
      const isAcknowledged = this.#outcome.at(at) === OUTCOME.acknowledged;
      if (isAcknowledged && this.#kind.at(at) !== KIND.insert) return true;
    }
    return false;
  }

  /** Writers with lost acknowledged inserts, in the order of their first, and these of each, one writer at a time. */
  *acknowledgedInserts(): Generator<readonly [writer: number, rows: Ranges]> {
    for (const [writer, places] of this.#acknowledgedInsertsByWriter()) {
      const rows = places.map((at) => [this.#from.at(at), this.#to.at(at)] as const);
      yield [writer, normalize(rows)];
    }
  }

  #acknowledgedInsertsByWriter(): ReadonlyMap<number, readonly number[]> {
    if (this.#byWriter) return this.#byWriter;
    const byWriter = new Map<number, number[]>();
    for (let at = 0; at < this.size; at++) {
      const isAcknowledged = this.#outcome.at(at) === OUTCOME.acknowledged;
      if (!isAcknowledged || this.#kind.at(at) !== KIND.insert) continue;
      const writer = this.#writer.at(at);
      const places = byWriter.get(writer);
      if (places) places.push(at);
      else byWriter.set(writer, [at]);
    }
    this.#byWriter = byWriter;
    return byWriter;
  }

  #at(at: number): LostWrites {
    const row = this.#row.at(at);
    const outcome = OUTCOMES[this.#outcome.at(at)];
    return {
      writer: this.#writer.at(at),
      kind: KINDS[this.#kind.at(at)] ?? 'insert',
      outcome: outcome === 'localOnly' ? outcome : 'acknowledged',
      from: this.#from.at(at),
      to: this.#to.at(at),
      ...(row !== ROW.none && {
        versions: [this.#firstVersion.at(at), this.#lastVersion.at(at)] as const,
      }),
      count: this.#count.at(at),
      ...(row !== ROW.none && { isRowGone: row === ROW.gone }),
    };
  }
}
