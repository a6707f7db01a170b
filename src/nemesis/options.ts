import type { Cluster } from '../contracts/cluster.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import type { ConsumerControl, Fault, LoadControl } from '../contracts/fault.ts';
import type { FaultStep } from '../contracts/scenario.ts';

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'atMs'> : never) : never;

export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly load: LoadControl;
  /** Absent: the scenario has none. */
  readonly consumers?: ConsumerControl;
  readonly steps: readonly FaultStep[];
  readonly faults: ReadonlyMap<string, Fault>;
  readonly seed: number;
  /** Start of the load on `monotonicMs`. */
  readonly loadStartMs: number;
  readonly signal: AbortSignal;
  emit(event: EventBody): void;
}
