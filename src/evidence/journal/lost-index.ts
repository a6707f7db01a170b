import type { OperationKind, Outcome, Ranges } from '../../contracts/evidence.ts';
import { KIND, OUTCOME } from './format.ts';

/** Rows, or versions of row `from`, whose write is lost. */
export interface LostRows {
  readonly writer: number;
  readonly kind: OperationKind;
  readonly outcome: Extract<Outcome, 'acknowledged' | 'localOnly'>;
  readonly from: number;
  readonly to: number;
  readonly versions?: readonly [from: number, to: number];
}

/** An operation as its record has it, kind and outcome as KIND's and OUTCOME's numbers. */
export type JournaledOperation = Readonly<
  Record<'kind' | 'outcome' | 'writer' | 'seq' | 'count' | 'version', number>
>;

interface LostOfWriter {
  /** from and to of each range in turn; ascending, apart from each other. */
  readonly inserts: Float64Array;
  readonly deletes: Float64Array;
  /** seq, outcome, first and last version of each in turn; by seq. */
  readonly updates: Float64Array;
}

const NONE: Ranges = [];
const UPDATE_FIELDS = 4;

/** Which journaled operations the lost writes were. Memory: 16 bytes a range of rows, 32 a range of versions. */
export class LostIndex {
  readonly #byWriter: ReadonlyMap<number, LostOfWriter>;

  constructor(lost: Iterable<LostRows>) {
    const building = new Map<number, { readonly [K in keyof LostOfWriter]: number[] }>();
    for (const { writer, kind, outcome, from, to, versions } of lost) {
      let lists = building.get(writer);
      if (!lists) building.set(writer, (lists = { inserts: [], deletes: [], updates: [] }));
      if (kind === 'insert') lists.inserts.push(from, to);
      else if (kind === 'delete') lists.deletes.push(from, to);
      else if (versions) lists.updates.push(from, OUTCOME[outcome], versions[0], versions[1]);
    }
    const byWriter = new Map<number, LostOfWriter>();
    for (const [writer, { inserts, deletes, updates }] of building) {
      byWriter.set(writer, {
        inserts: joined(sortedBy(inserts, 2)),
        deletes: joined(sortedBy(deletes, 2)),
        updates: sortedBy(updates, UPDATE_FIELDS),
      });
      building.delete(writer);
    }
    this.#byWriter = byWriter;
  }

  /** The rows of this operation that are lost; empty for nearly all. */
  lostOf(operation: JournaledOperation): Ranges {
    const { outcome } = operation;
    if (outcome > OUTCOME.localOnly) return NONE;
    const lost = this.#byWriter.get(operation.writer);
    if (!lost) return NONE;
    const from = operation.seq;
    const to = from + operation.count - 1;
    const { kind } = operation;
    if (kind === KIND.update) return lostVersions(lost.updates, operation, from, to);
    if (kind === KIND.insert) return overlap(lost.inserts, from, to);
    // A row that is back has all its deletes undone, whatever their outcome.
    return overlap(lost.deletes, from, to);
  }

  /** Whether a row from..to of one of these writers is lost, by an insert or, with `isChange`, by an update or a delete. */
  hasRows(writers: Iterable<number>, from: number, to: number, isChange: boolean): boolean {
    for (const writer of writers) {
      const lost = this.#byWriter.get(writer);
      if (!lost) continue;
      if (!isChange) {
        if (isHit(lost.inserts, from, to)) return true;
      } else if (isHit(lost.deletes, from, to) || isHitUpdate(lost.updates, from, to)) {
        return true;
      }
    }
    return false;
  }

  writers(): Iterable<number> {
    return this.#byWriter.keys();
  }
}

function lostVersions(
  updates: Float64Array,
  { version, outcome }: JournaledOperation,
  from: number,
  to: number,
): Ranges {
  let result: [number, number][] | undefined;
  for (let at = firstFrom(updates, UPDATE_FIELDS, 0, from); at < updates.length;) {
    const seq = updates[at] ?? Infinity;
    if (seq > to) break;
    let isLost = false;
    for (; updates[at] === seq; at += UPDATE_FIELDS) {
      const isWithin = (updates[at + 2] ?? 0) <= version && version <= (updates[at + 3] ?? 0);
      if (isWithin && updates[at + 1] === outcome) isLost = true;
    }
    if (isLost) (result ??= []).push([seq, seq]);
  }
  return result ?? NONE;
}

function overlap(ranges: Float64Array, from: number, to: number): Ranges {
  let result: [number, number][] | undefined;
  for (let at = firstFrom(ranges, 2, 1, from); at < ranges.length; at += 2) {
    const first = ranges[at] ?? Infinity;
    if (first > to) break;
    (result ??= []).push([Math.max(from, first), Math.min(to, ranges[at + 1] ?? to)]);
  }
  return result ?? NONE;
}

function isHit(ranges: Float64Array, from: number, to: number): boolean {
  return (ranges[firstFrom(ranges, 2, 1, from)] ?? Infinity) <= to;
}

function isHitUpdate(updates: Float64Array, from: number, to: number): boolean {
  return (updates[firstFrom(updates, UPDATE_FIELDS, 0, from)] ?? Infinity) <= to;
}

/** Where the first entry of `fields` numbers begins whose number `field` is not below `value`; the length if none is. */
function firstFrom(all: Float64Array, fields: number, field: number, value: number): number {
  let low = 0;
  let high = all.length / fields;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle * fields + field] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low * fields;
}

/** Entries of `fields` numbers, by the first of them. They mostly are in that order already. */
function sortedBy(all: readonly number[], fields: number): Float64Array {
  let isSorted = true;
  for (let at = fields; at < all.length && isSorted; at += fields) {
    isSorted = (all[at - fields] ?? 0) <= (all[at] ?? 0);
  }
  if (isSorted) return Float64Array.from(all);
  const order = Uint32Array.from({ length: all.length / fields }, (_, entry) => entry * fields);
  order.sort((a, b) => (all[a] ?? 0) - (all[b] ?? 0));
  const sorted = new Float64Array(all.length);
  order.forEach((from, entry) => {
    for (let field = 0; field < fields; field++) {
      sorted[entry * fields + field] = all[from + field] ?? 0;
    }
  });
  return sorted;
}

/** Ranges that overlap or touch, as one. */
function joined(ranges: Float64Array): Float64Array {
  let size = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    const [from, to] = [ranges[at] ?? 0, ranges[at + 1] ?? 0];
    const last = size > 0 ? (ranges[size - 1] ?? 0) : -Infinity;
    if (from <= last + 1) {
      ranges[size - 1] = Math.max(last, to);
    } else {
      ranges[size++] = from;
      ranges[size++] = to;
    }
  }
  return ranges.slice(0, size);
}
