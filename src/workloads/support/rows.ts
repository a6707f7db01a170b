/**
 * What one writer remembers of its own rows. It grows with the interruptions of the acknowledged sequence and never
 * with the number of rows.
 */

/** Acknowledged rows that wait to be deleted, oldest first, as ranges that never touch. */
export class DeletableRows {
  readonly #ranges: { from: number; to: number }[] = [];

  add(from: number, to: number): void {
    if (to < from) return;
    const last = this.#ranges.at(-1);
    if (last?.to === from - 1) last.to = to;
    else this.#ranges.push({ from, to });
  }

  takeOldest(): number | undefined {
    const [first] = this.#ranges;
    if (!first) return undefined;
    const seq = first.from++;
    if (first.from > first.to) this.#ranges.shift();
    return seq;
  }
}

const maxHotRows = 256;
const rowsPerGap = 64;
const firstGap = 16;

/**
 * The rows that are updated: at most 256, each with the version last attempted. They are chosen at gaps of 16 rows,
 * then 64, 256 and 1024, so that a long load updates young rows as well as old ones.
 */
export class HotRows {
  readonly #seqs: number[] = [];
  readonly #versions = new Map<number, number>();
  readonly #doubted = new Set<number>();
  #chosen = 0;
  #nextSeq = 0;

  /** Whether the row becomes one of the set. */
  offer(seq: number): boolean {
    if (this.#chosen === maxHotRows || seq < this.#nextSeq) return false;
    this.#seqs.push(seq);
    this.#versions.set(seq, 0);
    this.#nextSeq = seq + firstGap * 4 ** Math.floor(this.#chosen / rowsPerGap);
    this.#chosen++;
    return true;
  }

  /** `chance` in [0, 1) picks the row; its next version counts as attempted. */
  nextVersion(chance: number): { seq: number; version: number } | undefined {
    const seq = this.#seqs[Math.floor(chance * this.#seqs.length)];
    if (seq === undefined) return undefined;
    const version = (this.#versions.get(seq) ?? 0) + 1;
    this.#versions.set(seq, version);
    return { seq, version };
  }

  confirm(seq: number): void {
    this.#doubted.delete(seq);
  }

  /**
   * The row was not updated. After the second time in a row it is left alone for good: it is probably lost, and what
   * is lost must not be hammered on. Once may be a server that refuses everything for a while.
   */
  doubt(seq: number): void {
    if (!this.#doubted.has(seq)) {
      this.#doubted.add(seq);
      return;
    }
    this.#doubted.delete(seq);
    this.#versions.delete(seq);
    const index = this.#seqs.indexOf(seq);
    if (index >= 0) this.#seqs.splice(index, 1);
  }
}
