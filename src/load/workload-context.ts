import type { Plan } from '../contracts/scenario.ts';
import type { WorkloadContext } from '../contracts/workload.ts';

/** The run's own schema: runs on one cluster do not see each other's rows. */
export function schemaOf(runId: string): string {
  return `forkpoint_${runId.replaceAll('-', '_')}`;
}

/** The workload's view of the run: the same for seeding, writing and reading back. */
export function workloadContext<P>(plan: Plan, runId: string, params: P): WorkloadContext<P> {
  const { mix, batch, payloadBytes, payloadMostBytes, files } = plan.scenario.load;
  const run = { schema: schemaOf(runId), runId, seed: plan.seed };
  return {
    ...run,
    mix,
    batch,
    payloadBytes,
    ...(payloadMostBytes !== undefined && { payloadMostBytes }),
    params,
    ...(files && { files }),
  };
}
