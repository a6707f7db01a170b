import type { Cluster } from '../contracts/cluster.ts';
import type { StoredLine } from '../contracts/downstream.ts';
import type { Registry } from '../contracts/registry.ts';
import type { ReplayOrigin, Result } from '../contracts/result.ts';
import type { Figures } from '../contracts/figures.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import type { LoadStats } from '../load/protocol.ts';

export interface RunOptions {
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** Gets a cluster: boots one, or attaches to one. */
  openCluster(id: string, directory: string, signal: AbortSignal): Promise<Cluster>;
  /** Called with the written result while the cluster is still up. */
  readonly beforeTeardown?:
    ((outcome: Omit<RunOutcome, 'error'>, cluster: Cluster) => Promise<void>) | undefined;
  /** The command that runs the scenario again. */
  readonly reproduce: string;
  /** As in `Result`. */
  readonly overrides: readonly string[];
  readonly replayOf?: ReplayOrigin | undefined;
  /** The scenario's file, kept with the run. */
  readonly scenarioText?: string | undefined;
  /** The run's tables stay in a cluster that is not ours; in a lab they always do. */
  readonly keepsData?: boolean | undefined;
  /** Aborting it ends the load in an orderly way, as if its time were over: the run converges, reads back and judges. */
  readonly endLoad?: AbortSignal | undefined;
  log(line: string): void;
  /** Receives everything while it happens. */
  readonly watching?: RunWatching | undefined;
}

export interface RunWatching {
  event(event: NewEvent): void;
  progress(stats: LoadStats): void;
  figures?(figures: Figures): void;
  /** A line of a consumer, as it is stored. */
  consumer?(name: string, line: StoredLine): void;
}

export interface RunOutcome {
  readonly directory: string;
  readonly result: Result;
  /** What ended the run early. There is a result all the same. */
  readonly error?: unknown;
}
