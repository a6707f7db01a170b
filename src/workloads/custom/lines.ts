export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Positions in a text as editors count them: from 1, in characters. */
export class Lines {
  readonly #text: string;
  /** Offset of each line. */
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  at(offset: number): Position {
    let [first, last] = [0, this.#starts.length - 1];
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((this.#starts[middle] ?? Infinity) <= offset) first = middle;
      else last = middle - 1;
    }
    const before = this.#text.slice(this.#starts[first] ?? 0, offset);
    return { line: first + 1, column: Array.from(before).length + 1 };
  }
}
