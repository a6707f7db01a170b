import type { Cluster } from '../contracts/cluster.ts';
import type { LoadControl } from '../contracts/fault.ts';
import type { Figures } from '../contracts/figures.ts';
import type { Registry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { Spread, WorkerChange } from './crew.ts';
import type { FiguresFeed } from './figures-feed.ts';
import type { LoadStats } from './protocol.ts';
import type { ReachChange } from './reachability.ts';

export interface LoadOptions {
  readonly cluster: Pick<Cluster, 'nodes' | 'sites' | 'credentials' | 'routes'>;
  readonly plan: Plan;
  readonly registry: Pick<Registry, 'workloadUrls'>;
  readonly runId: string;
  /** Folder for the journals, one per worker. */
  readonly journalDirectory: string;
  /** Folder for what readers see, one file per worker; default: below the journals. */
  readonly observationsDirectory?: string;
  /** Aborting it ends the load like `stop`. */
  readonly signal: AbortSignal;
  readonly onProgress?: (stats: LoadStats) => void;
  /** Called with the journal's bytes of one worker as they come in; each worker has a listener of its own. */
  readonly journalListener?: (() => (bytes: Buffer) => void) | undefined;
  /** Called with each second of the load, shortly after it is over. */
  readonly onFigures?: ((figures: Figures) => void) | undefined;
  /** Called before the last operation ends, and before the first one starts again. */
  readonly onHold?: (isHeld: boolean) => void;
  /** Called with each node's answer at the clients' site, whenever it changes. */
  readonly onReach?: (change: ReachChange) => void;
  /** Called when workers of a site that replaces them are lost, replaced, or not replaced. */
  readonly onWorker?: (change: WorkerChange) => void;
  /** Called once all workers have begun. */
  readonly onBegun?: (spread: Spread) => void;
  /** Called with the offset of a worker's clock, if it has to be measured. */
  readonly onClock?: (worker: number, offset: ClockOffset) => void;
  /** False: no journals. Only for measuring their cost. */
  readonly isTracked?: boolean;
  readonly readyTimeoutMs?: number;
}

export interface Load extends AsyncDisposable, LoadControl {
  /** The start of the load on CLOCK_MONOTONIC, nanoseconds. */
  readonly originNs: bigint;
  /**
   * Resolves when the load is over and every journal is closed. Rejects when a worker failed (HarnessBug, or
   * EnvironmentError where a journal could not be written); the other journals are closed then all the same.
   */
  readonly done: Promise<void>;
  /** Counted over all workers, at most 250 ms old; final once `done` has settled. */
  readonly stats: LoadStats;
  /** No new operations; resolves when those in progress have an outcome and the journals are closed. Never rejects. */
  stop(): Promise<void>;
}

export interface LoadUnderWay extends LoadOptions {
  readonly feed: FiguresFeed;
}
