import type { Ranges } from '../../contracts/evidence.ts';
import { count } from '../../std/ranges.ts';
import { LostLog, type LostWrites } from './lost-log.ts';

export type UnexpectedReason =
  'failedInsert' | 'failedUpdate' | 'neverSent' | 'unknownVersion' | 'foreignWriter';

/** Rows that are there against everything the client was told. */
export interface UnexpectedRows {
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  readonly why: UnexpectedReason;
  readonly count: number;
}

const FATES = [
  'durable',
  'lost',
  'lostLocalOnly',
  'recovered',
  'dropped',
  'unexpected',
  'rejected',
  'lostUpdates',
  'lostDeletes',
] as const;
export type Fate = (typeof FATES)[number];
export type LossFate = Extract<Fate, `lost${string}`>;

/** Collects fates. Every write is counted under exactly one of them, or is undecided. */
export class Tally {
  readonly fates: Record<Fate, number> = {
    durable: 0,
    lost: 0,
    lostLocalOnly: 0,
    recovered: 0,
    dropped: 0,
    unexpected: 0,
    rejected: 0,
    lostUpdates: 0,
    lostDeletes: 0,
  };
  /** Unjournaled writes whose rows prove that they were sent. */
  unjournaled = 0;
  /** Unexpected rows and versions that no write of the run explains. */
  strangers = 0;
  /** Acknowledged writes whose row is gone, where a delete may have gone unjournaled. */
  undecided = 0;
  /** Acknowledged inserts less those deleted, and what became of them. */
  readonly records = { inserted: 0, found: 0, lost: 0 };
  readonly lost = new LostLog();
  readonly unexpected: UnexpectedRows[] = [];

  add(fate: Fate, writes: number): void {
    this.fates[fate] += writes;
  }

  addLost(fate: LossFate, lost: LostWrites): void {
    if (lost.count === 0) return;
    this.fates[fate] += lost.count;
    this.lost.add(lost);
  }

  addUnexpected(writer: number, ranges: Ranges, why: UnexpectedReason): void {
    this.fates.unexpected += count(ranges);
    for (const [from, to] of ranges) {
      this.unexpected.push({ writer, from, to, why, count: to - from + 1 });
    }
  }

  /** Rows or versions that are there and belong to no write. */
  addStrangers(writer: number, ranges: Ranges, why: UnexpectedReason): void {
    this.addUnexpected(writer, ranges, why);
    this.strangers += count(ranges);
  }

  /** Writes past the end of an unfinished journal: indeterminate by construction, and there. */
  addUnjournaled(writes: number): void {
    this.unjournaled += writes;
    this.fates.recovered += writes;
  }

  /** Whether every write has one fate. `attempted` counts the unjournaled ones. */
  isBalanced(attempted: number): boolean {
    const sum = FATES.reduce((total, fate) => total + this.fates[fate], 0);
    return sum + this.undecided === attempted + this.strangers;
  }
}
