import type { OperationKind } from '../../contracts/evidence.ts';
import type { WriteRange } from '../../contracts/result/downstream.ts';
import { rangesOf } from '../../std/ranges.ts';

/** One write of one writer. */
export interface Write {
  readonly kind: OperationKind;
  readonly seq: number;
  /** Of an update: what it makes of the row. */
  readonly version: number;
}

/** A value per write of one writer. */
export class ByWrite<Value> {
  size = 0;
  readonly #rows = { insert: new Map<number, Value>(), delete: new Map<number, Value>() };
  readonly #updates = new Map<number, Map<number, Value>>();

  get({ kind, seq, version }: Write): Value | undefined {
    return kind === 'update' ? this.#updates.get(seq)?.get(version) : this.#rows[kind].get(seq);
  }

  has({ kind, seq, version }: Write): boolean {
    return kind === 'update'
      ? this.#updates.get(seq)?.has(version) === true
      : this.#rows[kind].has(seq);
  }

  /** Whether there was none before; the first stays. */
  add(write: Write, value: Value): boolean {
    if (this.has(write)) return false;
    this.size++;
    const { kind, seq, version } = write;
    if (kind !== 'update') this.#rows[kind].set(seq, value);
    else
      this.#updates.set(
        seq,
        (this.#updates.get(seq) ?? new Map<number, Value>()).set(version, value),
      );
    return true;
  }

  /** The writes that have this value, or all: inserts, then updates, then deletes. */
  ranges(writer: number, value?: Value): readonly WriteRange[] {
    const these = (values: ReadonlyMap<number, Value>) => rangesOf(keysOf(values, value));
    return [
      ...these(this.#rows.insert).map(([from, to]) => ({ writer, from, to })),
      ...[...this.#updates].flatMap(([seq, byVersion]) =>
        these(byVersion).map((versions): WriteRange => {
          return { writer, from: seq, to: seq, operation: 'update', versions };
        }),
      ),
      ...these(this.#rows.delete).map(([from, to]): WriteRange => {
        return { writer, from, to, operation: 'delete' };
      }),
    ];
  }
}

function keysOf<Value>(values: ReadonlyMap<number, Value>, wanted: Value | undefined): number[] {
  return [...values].flatMap(([key, value]) =>
    wanted === undefined || value === wanted ? [key] : [],
  );
}
