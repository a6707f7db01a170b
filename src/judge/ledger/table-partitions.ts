import type { NodeReading, Ranges, TableReading } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import type { PlacedWorkload } from '../../scenario/words/groups.ts';
import { keptRows } from './fates.ts';
import type { Ledger } from './ledger.ts';
import { intersect, NOTHING, subtract } from '../../std/ranges.ts';

/** hashint4extended(value, seed) as PostgreSQL computes it; seed and answer in two signed halves. */
export type IntHash = (
  value: number,
  seedHigh: number,
  seedLow: number,
) => { readonly high: number; readonly low: number };

/**
 * `workloads`: of the load, which say whose table is whose; none needed where there is one.
 * Acknowledged rows (less those deleted) of each hash partition by (writer, seq), and what became of them: the sums
 * are those of `records`. Empty when the table has no partitions or the primary was not read.
 */
export function partitionLoss(
  ledger: Ledger,
  primary: NodeReading | undefined,
  hash: IntHash,
  workloads: readonly PlacedWorkload[] = [],
): Result['partitions'] {
  if (primary?.status !== 'read') return [];
  const { rows, partitions, tables = [{ rows, partitions }] } = primary;
  return tables.flatMap((table) => {
    const has = ownersOf(table.group, workloads);
    return lossOf(table, { ledger, primary, hash, has });
  });
}

/** A writer writes to one table. */
function ownersOf(group: string | undefined, workloads: readonly PlacedWorkload[]) {
  const owner = workloads.find((each) => each.group === group);
  return (writer: number) => owner?.has(writer) ?? true;
}

interface TableOfPrimary {
  readonly ledger: Ledger;
  readonly primary: NodeReading;
  readonly hash: IntHash;
  readonly has: (writer: number) => boolean;
}

function lossOf(
  { group, partitions }: TableReading,
  { ledger, primary, hash, has }: TableOfPrimary,
): Result['partitions'] {
  const names = partitions.map(({ name }) => (group === undefined ? name : `${group}/${name}`));
  if (names.length === 0) return [];
  const found = new Float64Array(names.length);
  const lost = new Float64Array(names.length);
  const undecided = new Float64Array(names.length);
  const present = new Map(primary.writers.map((reading) => [reading.writer, reading.present]));
  for (const writer of ledger.writers()) {
    const state = ledger.writer(writer);
    if (!state || !has(writer)) continue;
    const there = present.get(writer) ?? NOTHING;
    const kept = keptRows(state, there);
    const partitionOf = hashPartition(writer, names.length, hash);
    countRows(found, intersect(kept, there), partitionOf);
    const gone = ledger.mayHideDeletes(writer) ? undecided : lost;
    countRows(gone, subtract(kept, there), partitionOf);
  }
  return names.map((name, at) => {
    const counts = { found: found[at] ?? 0, lost: lost[at] ?? 0 };
    return { name, expected: counts.found + counts.lost + (undecided[at] ?? 0), ...counts };
  });
}

function countRows(counts: Float64Array, rows: Ranges, partitionOf: (seq: number) => number): void {
  for (const [from, to] of rows) {
    for (let seq = from; seq <= to; seq++) {
      const partition = partitionOf(seq);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
  }
}

// HASH_PARTITION_SEED, and the constant of hash_combine64, in halves.
const seedHigh = 0x7a5b2236;
const seedLow = 0x7996dcfd | 0;
const golden = 0x49a0f4dd15e5a8e3n;

/**
 * The remainder of each row of one writer in a table partitioned by hash of (writer int, seq int).
 * Source: PostgreSQL 11-17, compute_partition_hash_value in partbounds.c, hash_combine64 in hashfn.h; proven against
 * satisfies_hash_partition itself.
 */
export function hashPartition(
  writer: number,
  modulus: number,
  hash: IntHash,
): (seq: number) => number {
  const own = hash(writer, seedHigh, seedLow);
  // hash_combine64(0, hash of the writer): the same for all its rows, so only this much is done in BigInt.
  const combined = (BigInt(own.high >>> 0) << 32n) + BigInt(own.low >>> 0) + golden;
  const first = BigInt.asUintN(64, combined);
  const addend = BigInt.asUintN(64, golden + (first << 54n) + (first >> 7n));
  const [firstHigh, firstLow] = [Number(first >> 32n), Number(first & 0xffffffffn)];
  const [addHigh, addLow] = [Number(addend >> 32n), Number(addend & 0xffffffffn)];
  const wordRemainder = 2 ** 32 % modulus;
  return (seq) => {
    const { high, low } = hash(seq, seedHigh, seedLow);
    const sumLow = (low >>> 0) + addLow;
    const sumHigh = high + addHigh + (sumLow > 0xffffffff ? 1 : 0);
    const rowLow = (sumLow ^ firstLow) >>> 0;
    const rowHigh = (sumHigh ^ firstHigh) >>> 0;
    return ((rowHigh % modulus) * wordRemainder + (rowLow % modulus)) % modulus;
  };
}
