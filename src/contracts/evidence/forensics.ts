import type { ContainerImage } from '../copy-server.ts';

/**
 * What was taken from one node after a failover, before a rewind erased it: one folder of `evidence/` in the run's folder.
 * Shape of that folder: `pg_wal/` (segments from the fork on, and *.history), `pg_controldata.txt`, `settings.json`, `patroni/`
 * (what its REST interface said), `logs/` (their ends), and `data/`, a copy of the data directory, where it was small enough. What is not there is in `skipped`.
 */
export interface TakenEvidence {
  readonly node: string;
  /** Relative to the run's folder: 'evidence/pg1-1'. */
  readonly folder: string;
  /** Since the start of the load, when the taking began. */
  readonly takenAtMs: number;
  readonly durationMs: number;
  /** How much later than before the run's own timers came meanwhile. Absent: an older version. */
  readonly disturbedMs?: number;
  /** The one that the old primary wrote to. */
  readonly timeline: number;
  /** Where another node left that timeline; null: not known. */
  readonly forkLsn: string | null;
  /** Names of the WAL files in `pg_wal/`, ascending. */
  readonly segments: readonly string[];
  /** Of the container that it was taken from; absent: it was none, or that is not known. */
  readonly image?: ContainerImage;
  /** Size of `data/`; null: it was not copied. */
  readonly copyBytes: number | null;
  readonly skipped: readonly SkippedEvidence[];
}

export interface SkippedEvidence {
  /** 'copy of the data directory'. */
  readonly what: string;
  readonly why: string;
}
