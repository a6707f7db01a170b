import type { CellStatus } from './matrix.ts';
import type { Result } from './result.ts';
import type { Thresholds } from './scenario.ts';
import type { EntryStatus, RunlessStatus } from './entry-status.ts';

/** One line of reports/history.jsonl, schemaVersion 1. Fields are added, never renamed. null: not measured. */
export interface RunRecord {
  readonly schemaVersion: 1;
  /** When the line was written. */
  readonly recordedAt: string;
  /** null: the run ended before it had one. */
  readonly runId: string | null;
  readonly scenario: string;
  readonly backend: string;
  /** `--set` overrides, sorted: a run with other overrides is another situation. */
  readonly overrides: readonly string[];
  readonly seed: number;
  /** Folder of the suite that started it, relative to the reports folder: suites/nightly/20261120T200912Z. */
  readonly suite: string | null;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly status: Exclude<EntryStatus, RunlessStatus>;
  /** Why it did not pass. */
  readonly reason: string | null;
  readonly acknowledged: number | null;
  /** Updates included. */
  readonly lost: number | null;
  readonly unexpected: number | null;
  readonly failovers: number | null;
  readonly outageMs: number | null;
  readonly ackedPerSecond: number | null;
  /** Identities verified per second of reading back. */
  readonly idsPerSecond: number | null;
  readonly versions: Result['versions'] | null;
  /** Of the current folder, if known. */
  readonly commit: string | null;
  /** The run's folder, relative to the reports folder; it may be gone. */
  readonly directory: string | null;
  /** From the scenario: how much worse `compare` lets a later run be. */
  readonly thresholds: Thresholds | null;
  /** Of a run that was a cell of a matrix: the matrix's folder, relative to the reports folder, and whether its settings held. */
  readonly matrix?: { readonly directory: string; readonly cell: CellStatus };
}

/** The page of a suite or of a matrix: over several runs. */
export interface Overview {
  readonly kind: 'suite' | 'matrix';
  readonly name: string;
  /** Relative to the reports folder, like its page. */
  readonly directory: string;
  readonly page: string;
  readonly startedAt: string;
  /** Of each run or cell, in their order. */
  readonly statuses: readonly string[];
}

/** A run known from runs.jsonl, from its folder, or from both. */
export interface PastRun extends RunRecord {
  /** Whether its report.html is still there. */
  readonly hasReport: boolean;
}

/** The latest runs of a situation compared with earlier ones; null: it passes as before, or never got a verdict. */
export type Outcome = 'new' | 'fixed' | 'flaky' | 'stillFailing';

export type Metric = keyof Thresholds;

/** One number of two runs, or of two groups of runs: then the medians. */
export interface Difference {
  readonly metric: Metric;
  readonly before: number | null;
  readonly after: number | null;
  /** (after - before) / before * 100; null if that is not a number. */
  readonly changePercent: number | null;
  /** As in the scenario: '+20%', '+2s', '-15%'; null: no threshold. */
  readonly threshold: string | null;
  /** null: no threshold, or one of the two was not measured. */
  readonly isWorse: boolean | null;
}

/** baselines/<name>.json, schemaVersion 1: the runs that later ones are compared with. It outlives their folders. */
export interface Baseline {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly savedAt: string;
  /** Its source: a suite's folder, or a run's. */
  readonly from: string;
  readonly runs: readonly RunRecord[];
}
