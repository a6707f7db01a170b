import type { Json } from '../contracts/json.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { Workload, WorkloadContext } from '../contracts/workload.ts';
import { workloadContext } from './workload-context.ts';
import { type PlacedWorkload, workloadsOf } from '../scenario/words/groups.ts';
import { ScenarioError } from '../std/errors.ts';

export interface RunWorkload extends PlacedWorkload {
  readonly workload: Workload;
  readonly context: WorkloadContext<Json>;
}

/** Every workload of a run, the load's own first. Errors: ScenarioError for one that is not loaded. */
export function placedWorkloads(
  { seed, scenario }: Plan,
  runId: string,
  { workloads }: { readonly workloads: ReadonlyMap<string, Workload> },
): readonly RunWorkload[] {
  return workloadsOf(scenario.load).map((placed) => {
    const { load, number } = placed;
    const workload = workloads.get(load.workload);
    if (!workload) throw new ScenarioError(`there is no workload ${load.workload}`);
    return { ...placed, workload, context: workloadContext(load, { runId, seed, number }) };
  });
}
