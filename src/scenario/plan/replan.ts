import type { Registry } from '../../contracts/registry.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { ScenarioError } from '../../std/errors.ts';
import { requireSameFiles } from '../parse/workload-files.ts';
import { suggestion } from '../../std/suggest.ts';
import { workloadsOf } from '../words/groups.ts';
import { planScenario } from './plan.ts';

/**
 * Prepares a stored plan to run again, on another backend if asked.
 * Errors: one ScenarioError with every fault, check, workload or backend that no longer exists, or with what the
 * planner would refuse today.
 */
export function replan(
  plan: Plan,
  { backend, registry }: { readonly backend?: string | undefined; readonly registry: Registry },
): Plan {
  const { scenario, seed } = plan;
  const { expect, expectWhen = [], expectPhases = [] } = scenario;
  const placed = workloadsOf(scenario.load);
  const demanded = [expect, ...[...expectWhen, ...expectPhases].map(({ demands }) => demands)];
  const used: readonly (readonly [string, readonly string[], ReadonlyMap<string, unknown>])[] = [
    ['fault', scenario.faults.map(({ fault }) => fault), registry.faults],
    ['check', demanded.flatMap((demands) => Object.keys(demands)), registry.checks],
    ['workload', placed.map(({ load }) => load.workload), registry.workloads],
    ['backend', [backend ?? plan.backend], registry.backends],
  ];
  const gone = used.flatMap(([kind, names, known]) =>
    [...new Set(names)]
      .filter((name) => !known.has(name))
      .map((name) => `there is no ${kind} '${name}' any more${suggestion(name, known.keys())}`),
  );
  if (gone.length > 0) {
    throw new ScenarioError(`this plan cannot be run again:\n  ${gone.join('\n  ')}`);
  }
  const chosen = backend ?? plan.backend;
  for (const { load } of placed) if (load.files) requireSameFiles(load.files);
  // Planned again only to have it checked: the plan runs as it was stored.
  planScenario(scenario, { seed, backend: chosen, registry });
  return { ...plan, backend: chosen };
}
