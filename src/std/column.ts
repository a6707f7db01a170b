const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

type Numbers = Uint8Array | Uint32Array | Float64Array;

/**
 * A list of numbers that only grows, of a fixed size each: a million of them take no object each, and to grow copies
 * nothing.
 */
export class Column {
  readonly #make: () => Numbers;
  readonly #chunks: Numbers[] = [];
  #length = 0;

  private constructor(make: () => Numbers) {
    this.#make = make;
  }

  static bytes(): Column {
    return new Column(() => new Uint8Array(CHUNK));
  }

  /** Whole numbers below 2^32. */
  static words(): Column {
    return new Column(() => new Uint32Array(CHUNK));
  }

  static doubles(): Column {
    return new Column(() => new Float64Array(CHUNK));
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const offset = this.#length++ & (CHUNK - 1);
    if (offset === 0) this.#chunks.push(this.#make());
    const last = this.#chunks.at(-1);
    if (last) last[offset] = value;
  }

  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? NaN;
  }

  set(index: number, value: number): void {
    const chunk = this.#chunks[index >>> CHUNK_BITS];
    if (chunk) chunk[index & (CHUNK - 1)] = value;
  }
}
