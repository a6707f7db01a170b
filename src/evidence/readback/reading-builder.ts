import type { WriterReading } from '../../contracts/evidence.ts';
import { blockShift, firstRowOf, lastRowOf, type Expectation } from './digest.ts';
import { contains, intersect, normalize, union } from '../../std/ranges.ts';

/** One row as a node stores it. A column that should never be NULL may be: then it is not `ok`. */
export interface FoundRow {
  readonly seq: number;
  readonly version: number | null;
  readonly ok: boolean;
}

/** Collects one writer's rows: whole blocks that are as expected, and single rows as they come, ascending. */
export class ReadingBuilder {
  readonly #expectation: Expectation;
  readonly #agreed = new Set<number>();
  readonly #ranges: [number, number][] = [];
  readonly #versions = new Map<number, number>();
  readonly #corrupted = new Set<number>();
  readonly #copies = new Map<number, number>();

  constructor(expectation: Expectation) {
    this.#expectation = expectation;
  }

  addBlock(key: number): void {
    this.#agreed.add(key);
  }

  addRow({ seq, version, ok }: FoundRow): void {
    if (!ok) this.#corrupted.add(seq);
    const last = this.#ranges.at(-1);
    if (last?.[1] === seq) this.#copies.set(seq, (this.#copies.get(seq) ?? 1) + 1);
    else if (last?.[1] === seq - 1) last[1] = seq;
    else this.#ranges.push([seq, seq]);
    // Copies come in the order of their versions: the newest represents the row. One without a version has not even
    // its first update; that it is corrupted is said above.
    if (version !== null && version !== 0) this.#versions.set(seq, version);
  }

  finish(): WriterReading {
    const { writer, present, versions } = this.#expectation;
    const blocks = normalize([...this.#agreed].map((key) => [firstRowOf(key), lastRowOf(key)]));
    for (const [seq, version] of versions) {
      const isExpected = this.#agreed.has(seq >> blockShift) && contains(present, seq);
      if (isExpected) this.#versions.set(seq, version);
    }
    return {
      writer,
      present: union(intersect(present, blocks), normalize(this.#ranges)),
      versions: [...this.#versions].sort(([a], [b]) => a - b),
      corrupted: [...this.#corrupted].sort((a, b) => a - b),
      duplicated: [...this.#copies].sort(([a], [b]) => a - b),
    };
  }
}
