import type { EntryStatus } from './entry-status.ts';
import type { Difference, Outcome } from './history.ts';
export type { EntryStatus, RunlessStatus } from './entry-status.ts';
import type { Plan } from './scenario.ts';
import type { Result } from './result.ts';

/** A suite file: scenarios to run, in the order of the table that ends it. */
export interface Suite {
  readonly name: string;
  /** One sentence: what it is for. */
  readonly summary: string;
  readonly entries: readonly SuiteEntry[];
}

export interface SuiteEntry {
  /** As `run` takes it: a bare name, or a path. */
  readonly scenario: string;
  /** `--set` overrides. */
  readonly set: readonly string[];
  readonly backend?: string;
  readonly seed?: number;
  /** Runs alone: its load leaves no CPU for another. */
  readonly isExclusive: boolean;
  /** How it must end. Default: `pass`. */
  readonly expect?: ExpectedEnd;
}

/** `either`: it passes, or shows a known defect of the versions that ran. `fail`: a demand does not hold, as of a repeated incident. */
export type ExpectedEnd = 'pass' | 'fail' | 'knownDefect' | 'either';

/** A valid entry, with the command line's options applied and its plan made. */
export interface PlannedEntry extends SuiteEntry {
  /** The scenario's name; `partition-5s#2` where it is there before. */
  readonly label: string;
  /** With --repeat: the label of the entry that this is one run of. */
  readonly group?: string;
  readonly seed: number;
  readonly plan: Plan;
}

export interface EntryResult {
  readonly label: string;
  /** As in the suite file: `partition-5s` of `partition-5s.2`, its second run with --repeat. */
  readonly group: string;
  readonly scenario: string;
  readonly seed: number;
  readonly backend: string;
  readonly set: readonly string[];
  readonly status: EntryStatus;
  readonly exitCode: number | null;
  /** Why it did not pass, in a sentence. */
  readonly reason: string | null;
  /** From the start of the suite. */
  readonly startedAtMs: number | null;
  readonly durationMs: number | null;
  /** The run's folder, relative to the reports folder. */
  readonly directory: string | null;
  /** What the run printed, relative to the suite's folder. */
  readonly log: string | null;
  /** Of the run's result.json; null where it has none. */
  readonly numbers: EntryNumbers | null;
}

export interface EntryNumbers extends Pick<
  Result,
  'runId' | 'startedAt' | 'lossPercent' | 'failovers' | 'versions'
> {
  readonly attempted: number | null;
  readonly acknowledged: number | null;
  /** Updates included; null: not measured. */
  readonly lost: number | null;
  readonly lostLocalOnly: number | null;
  readonly unexpected: number | null;
  readonly indeterminate: number | null;
  readonly outageMs: number | null;
  readonly ackedPerSecond: number | null;
  /** Identities verified per second of reading back. */
  readonly idsPerSecond: number | null;
}

/** suite.json, schemaVersion 1. Fields are added, never renamed. Written again whenever an entry begins or ends. */
export interface SuiteResult {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly jobs: number;
  /** False while it runs, and for ever if it was killed. */
  readonly isComplete: boolean;
  /** The worst of the entries; null until it is complete. */
  readonly exitCode: number | null;
  readonly reproduce: string;
  /** In the order of the suite file. */
  readonly entries: readonly EntryResult[];
  /** What the runs of each entry say together; empty until it is complete. */
  readonly scenarios: readonly ScenarioSummary[];
  /** The baseline it was compared with; null: earlier runs. */
  readonly baseline: string | null;
}

/** All runs of one entry: several with --repeat. */
export interface ScenarioSummary {
  readonly label: string;
  readonly runs: number;
  readonly passed: number;
  /** Runs of which it is known whether they lost acknowledged writes, and those that did. */
  readonly measured: number;
  readonly lossy: number;
  /** lossy / measured, and its 95 % interval after Wilson; null: none was measured. */
  readonly lossProbability: number | null;
  readonly lossInterval: readonly [low: number, high: number] | null;
  /** Against earlier runs, or the baseline. */
  readonly outcome: Outcome | null;
  /** The medians of the runs against those of the earlier runs, or of the baseline; empty where there are none. */
  readonly differences: readonly Difference[];
}

/** What a run sends to the process that started it, over Node's channel. */
export type RunAnnouncement =
  /** Its folder is there. */
  | { readonly type: 'run'; readonly runId: string; readonly directory: string }
  /** An error ended it: what it printed, without the stack. */
  | { readonly type: 'failed'; readonly reason: string };
