import type { Ranges } from '../../contracts/evidence.ts';
import { contains } from '../../std/ranges.ts';

/** Rows of one writer are digested in blocks of this many keys. */
export const blockShift = 12;
export const blockRows = 1 << blockShift;

/** The expected rows of one writer, as far as they can be known. */
export interface Expectation {
  readonly writer: number;
  /** Rows that must be present. */
  readonly present: Ranges;
  /** Uncertain rows, and those that must be absent: always read one by one. */
  readonly uncertain: Ranges;
  /** seq -> version, of the `present` rows whose version is certain and not 0. */
  readonly versions: ReadonlyMap<number, number>;
}

/** Digest of a set of rows: how many, and the exclusive or of a hash of each row's identity and version. */
export interface Digest {
  readonly count: number;
  readonly high: number;
  readonly low: number;
}

export interface BlockDigest extends Digest {
  readonly isCertain: boolean;
}

/**
 * hashint4extended(seq, version) as PostgreSQL computes it, in two signed halves. The writer is no part of it: rows are
 * grouped by writer, so that a block's writer is known exactly.
 */
export type RowHash = (
  seq: number,
  version: number,
) => { readonly high: number; readonly low: number };

/**
 * Expected digest of every block that should hold rows, or may.
 *
 * Count and exclusive or together are exact but for a collision of the 64-bit hash: equal exclusive or means
 * that every expected row is there an odd number of times and every other an even number of times; with an
 * equal count, each expected row is then there once, and nothing else is.
 */
export class ExpectedBlocks {
  readonly #hash: RowHash;
  /** By block: the exclusive or of all its rows in version 0, which is the same for every writer. */
  readonly #fullBlocks = new Map<number, { readonly high: number; readonly low: number }>();

  constructor(hash: RowHash) {
    this.#hash = hash;
  }

  of(expectation: Expectation): ReadonlyMap<number, BlockDigest> {
    const blocks = new Map<number, MutableBlock>();
    for (const [from, to] of expectation.present) {
      for (let start = from; start <= to;) {
        const key = start >> blockShift;
        const end = Math.min(to, lastRowOf(key));
        const block = blockOf(blocks, key);
        mix(block, this.#unversioned(start, end));
        block.count += end - start + 1;
        start = end + 1;
      }
    }
    for (const [seq, version] of expectation.versions) {
      if (!contains(expectation.present, seq)) continue;
      const block = blockOf(blocks, seq >> blockShift);
      mix(block, this.#hash(seq, 0));
      mix(block, this.#hash(seq, version));
    }
    for (const [from, to] of expectation.uncertain) {
      for (let key = from >> blockShift; key <= to >> blockShift; key++) {
        blockOf(blocks, key).isCertain = false;
      }
    }
    return blocks;
  }

  /** Rows from..to of one block, in version 0. */
  #unversioned(from: number, to: number): { readonly high: number; readonly low: number } {
    const isFull = to - from + 1 === blockRows;
    const known = isFull ? this.#fullBlocks.get(from) : undefined;
    if (known) return known;
    const sum = { high: 0, low: 0 };
    for (let seq = from; seq <= to; seq++) mix(sum, this.#hash(seq, 0));
    if (isFull) this.#fullBlocks.set(from, sum);
    return sum;
  }
}

// Not by shifting back: the last block of an int ends at 2^31 - 1, and a shift would go round to below zero.
export function firstRowOf(block: number): number {
  return block * blockRows;
}

export function lastRowOf(block: number): number {
  return block * blockRows + blockRows - 1;
}

interface MutableBlock {
  count: number;
  high: number;
  low: number;
  isCertain: boolean;
}

function blockOf(blocks: Map<number, MutableBlock>, key: number): MutableBlock {
  let block = blocks.get(key);
  if (!block) blocks.set(key, (block = { count: 0, high: 0, low: 0, isCertain: true }));
  return block;
}

function mix(
  into: { high: number; low: number },
  { high, low }: { readonly high: number; readonly low: number },
): void {
  into.high ^= high;
  into.low ^= low;
}

/** The digest of the server, a signed 64-bit integer as text, in the two halves of `Digest`. */
export function splitDigest(text: string): { high: number; low: number } {
  const value = BigInt.asUintN(64, BigInt(text));
  return { high: Number(value >> 32n) | 0, low: Number(value & 0xffffffffn) | 0 };
}

export function agrees(expected: BlockDigest, found: Digest): boolean {
  return (
    expected.isCertain &&
    expected.count === found.count &&
    expected.high === found.high &&
    expected.low === found.low
  );
}

/**
 * Counts and digests of a whole table, in the server. `bad` counts rows that are not sound: something in them is NULL,
 * or their content no longer gives the checksum the client stored with it. Table name already quoted.
 */
export function digestQuery(table: string, options: { readonly content: boolean }): string {
  return `SELECT writer, seq >> ${blockShift} AS block, count(*)::int4 AS count,
    coalesce(bit_xor(hashint4extended(seq, version)), 0)::text AS digest,
    count(*) FILTER (WHERE NOT (${soundRow(options)}))::int4 AS bad
    FROM ${table} GROUP BY 1, 2`;
}

/** Rows of one writer between two keys ($1, $2 to $3, both inclusive), one by one. */
export function rowsQuery(table: string, options: { readonly content: boolean }): string {
  return `SELECT seq, version, ${soundRow(options)} AS ok FROM ${table}
    WHERE writer = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq, version`;
}

/** True or false, never NULL: a comparison with NULL is neither, and would pass for sound. */
function soundRow({ content }: { readonly content: boolean }): string {
  const isWhole = 'num_nulls(writer, seq, version, checksum, payload) = 0';
  if (!content) return isWhole;
  const versionedSeq = '((version::int8 << 32) | seq::int8)';
  const hash = `hashtextextended(payload, ${versionedSeq}) # writer::int8`;
  return `(${isWhole} AND checksum = (${hash}))`;
}
