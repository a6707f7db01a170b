import type { LoadSpec } from '../contracts/scenario.ts';
import type { WorkloadContext } from '../contracts/workload.ts';

/** The run's own schema: runs on one cluster do not see each other's rows. */
export function schemaOf(runId: string, workload = 0): string {
  const own = `forkpoint_${runId.replaceAll('-', '_')}`;
  return workload === 0 ? own : `${own}_g${workload}`;
}

export interface RunOfWorkload {
  readonly runId: string;
  readonly seed: number;
  /** As in PlacedWorkload; default: the load's own. */
  readonly number?: number;
}

type WithParams<P> = Omit<LoadSpec, 'params'> & { readonly params: P };

/** The workload's view of the run: the same for seeding, writing and reading back. */
export function workloadContext<P>(
  { mix, batch, payloadBytes, payloadMostBytes, params, files }: WithParams<P>,
  { runId, seed, number }: RunOfWorkload,
): WorkloadContext<P> {
  return {
    schema: schemaOf(runId, number),
    runId,
    seed,
    mix,
    batch,
    payloadBytes,
    ...(payloadMostBytes !== undefined && { payloadMostBytes }),
    params,
    ...(files && { files }),
  };
}
