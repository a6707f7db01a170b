import type { ClusterBackend } from './cluster.ts';
import type { Check, Reporter } from './evidence.ts';
import type { Fault } from './fault.ts';
import type { Workload } from './workload.ts';

/** Every extension there is, by the name of its file. */
export interface Registry {
  readonly faults: ReadonlyMap<string, Fault>;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly checks: ReadonlyMap<string, Check>;
  readonly reporters: ReadonlyMap<string, Reporter>;
  readonly backends: ReadonlyMap<string, ClusterBackend>;
}

export type ScenarioRegistry = Pick<Registry, 'faults' | 'workloads' | 'checks' | 'backends'>;
