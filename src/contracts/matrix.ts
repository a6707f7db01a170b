import type { LossPromise } from './durability.ts';

/** One `--over`: its key on the command line, its path in a scenario, and its values. */
export interface MatrixAxis {
  readonly key: string;
  /** Dotted, as `--set` takes it. */
  readonly path: string;
  readonly values: readonly string[];
}

/** held: the promise of the settings was kept; broken: it was not; impossible: this host cannot run it. */
export type CellStatus = 'held' | 'broken' | 'unknown' | 'impossible';

/** The outcome of a run under a cell's settings. null: not measured. */
export interface CellObservation {
  readonly acknowledged: number | null;
  /** Updates included. */
  readonly lost: number | null;
  readonly lostLocalOnly: number | null;
  /** From the first to the last acknowledgement of a lost write. */
  readonly lostSpanMs: number | null;
  readonly outageMs: number | null;
  readonly failovers: number | null;
}

export interface CellVerdict {
  readonly status: CellStatus;
  /** Why it is not held; null when it is. */
  readonly reason: string | null;
  /** null: the run ended before it read the settings. */
  readonly promise: LossPromise | null;
  readonly observed: CellObservation | null;
}

export interface MatrixCell extends CellVerdict {
  /** One value for each axis, in their order. */
  readonly values: readonly string[];
  /** The run's folder, relative to the reports folder; null when it has none. */
  readonly directory: string | null;
  /** Output of the run, relative to the matrix's folder; null when it was never started. */
  readonly log: string | null;
  readonly durationMs: number | null;
  readonly versions: { readonly postgres: string; readonly patroni: string } | null;
}

/** matrix.json, schemaVersion 1. Fields are added, never renamed. */
export interface MatrixResult {
  readonly schemaVersion: 1;
  readonly scenario: string;
  readonly claim: string;
  readonly seed: number;
  readonly backend: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly axes: readonly MatrixAxis[];
  /** The last axis changes fastest. */
  readonly cells: readonly MatrixCell[];
  readonly reproduce: string;
}
