import type { Ranges } from '../contracts/evidence.ts';

/**
 * Numbers added in any order, kept as sorted runs of 16 bytes each. A number added again goes to `repeated`: a
 * sequence that hands out an id twice, a row that is deleted twice.
 */
export class RangeSet {
  #runs = new Float64Array(0);
  #pending = new Float64Array(32);
  #pendingSize = 0;
  readonly #repeated: [number, number][] = [];

  add(from: number, to: number): void {
    const size = this.#pendingSize;
    if (size > 0 && this.#pending[size - 1] === from - 1) {
      this.#pending[size - 1] = to;
      return;
    }
    if (size === this.#pending.length) {
      this.#compact();
      this.add(from, to);
      return;
    }
    this.#pending[size] = from;
    this.#pending[size + 1] = to;
    this.#pendingSize = size + 2;
  }

  /** Every number once. */
  ranges(): Ranges {
    this.#compact();
    const result: [number, number][] = [];
    for (let at = 0; at < this.#runs.length; at += 2) {
      result.push([this.#runs[at] ?? 0, this.#runs[at + 1] ?? 0]);
    }
    return result;
  }

  /** Every repeated addition: a number added three times is here twice. Unordered. */
  repeated(): readonly (readonly [from: number, to: number])[] {
    this.#compact();
    return this.#repeated;
  }

  #compact(): void {
    if (this.#pendingSize === 0) return;
    const added: (readonly [number, number])[] = [];
    for (let at = 0; at < this.#pendingSize; at += 2) {
      added.push([this.#pending[at] ?? 0, this.#pending[at + 1] ?? 0]);
    }
    added.sort((a, b) => a[0] - b[0]);
    this.#merge(added);
    this.#pendingSize = 0;
    // Capacity grows with the content, so that each number is moved a logarithmic number of times.
    const room = Math.max(32, 2 * Math.ceil(this.#runs.length / 8));
    if (room > this.#pending.length) this.#pending = new Float64Array(room);
  }

  #merge(added: readonly (readonly [number, number])[]): void {
    const merged = new Float64Array(this.#runs.length + 2 * added.length);
    let size = 0;
    const push = (from: number, to: number): void => {
      const last = size > 0 ? (merged[size - 1] ?? 0) : -Infinity;
      if (from <= last) this.#repeated.push([from, Math.min(to, last)]);
      if (from <= last + 1) {
        merged[size - 1] = Math.max(last, to);
      } else {
        merged[size] = from;
        merged[size + 1] = to;
        size += 2;
      }
    };
    let next = 0;
    for (let at = 0; at < this.#runs.length; at += 2) {
      const from = this.#runs[at] ?? 0;
      for (let run = added[next]; run && run[0] < from; run = added[++next]) push(run[0], run[1]);
      push(from, this.#runs[at + 1] ?? 0);
    }
    for (let run = added[next]; run; run = added[++next]) push(run[0], run[1]);
    this.#runs = merged.slice(0, size);
  }
}
