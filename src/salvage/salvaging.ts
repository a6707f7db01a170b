import type { SalvagedRow, SalvagedTransaction } from '../contracts/salvage.ts';
import type { RunWorkload } from '../load/placed-workloads.ts';
import type { Session } from '../pg/session.ts';
import type { LostWrite } from './lost-writes.ts';
import type { PresentRows } from './present-rows.ts';

/** What the lost writes of one workload are looked for in. */
export interface Sources {
  readonly placed: RunWorkload;
  /** The old primary, as its copy has it. */
  readonly copy: Session;
  readonly present: PresentRows;
}

/** What one copy has of the lost writes of one workload. */
export interface Salvaged {
  /** Of tables that Forkpoint tracks. */
  readonly rows: readonly SalvagedRow[];
  readonly transactions: readonly SalvagedTransaction[];
  readonly writes: number;
  readonly missing: readonly Missing[];
}

export interface Missing {
  readonly write: LostWrite;
  readonly why: string;
}

/** A tracked row's key, as the tables of every workload have it. */
export function keyOf({ writer, seq }: Pick<LostWrite, 'writer' | 'seq'>): string {
  return `{"writer": ${writer}, "seq": ${seq}}`;
}

export const noSuchRow = 'the copy has no such row';
