import type { ClusterBackend } from './backend.ts';
import type { Check, Reporter } from './evidence.ts';
import type { Fault } from './fault.ts';
import type { ShellKind } from './shell.ts';
import type { Workload } from './workload.ts';

/** Every extension, shipped or the user's own, by the name of its file. */
export interface Registry {
  readonly faults: ReadonlyMap<string, Fault>;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly checks: ReadonlyMap<string, Check>;
  readonly reporters: ReadonlyMap<string, Reporter>;
  readonly shells: ReadonlyMap<string, ShellKind>;
  readonly backends: ReadonlyMap<string, ClusterBackend>;
  /** The module of each workload, for load workers: processes of their own. */
  readonly workloadUrls: ReadonlyMap<string, string>;
}

export type ScenarioRegistry = Pick<Registry, 'faults' | 'workloads' | 'checks' | 'backends'>;
