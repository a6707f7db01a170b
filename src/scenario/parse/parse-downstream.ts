import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { changesRows, workloadsOf } from '../words/groups.ts';
import type { Findings } from './collect-problems.ts';
import { downstreamSchema } from './downstream-schema.ts';

/** `downstream:`, and whether what this load writes can be followed there. Undefined: the file has none, or a wrong one. */
export function parseDownstream(
  raw: unknown,
  { load, registry }: { readonly load: LoadSpec | undefined; readonly registry: ScenarioRegistry },
  found: Findings,
): readonly DownstreamSpec[] | undefined {
  if (raw === undefined) return undefined;
  const parsed = found.read(downstreamSchema, raw, ['downstream']);
  if (!parsed || !load) return parsed;
  if (workloadsOf(load).some((each) => isUnlogged(each.load, registry))) {
    found.add({ path: ['downstream'], message: 'needs WAL, and a table of this load is unlogged' });
  }
  const problem = problemOfQuery(load);
  for (const { name, consumer } of parsed) {
    if (consumer !== 'own' || problem === undefined) continue;
    found.add({ path: ['downstream', name], message: problem });
  }
  return parsed;
}

function isUnlogged({ workload: name, params }: LoadSpec, { workloads }: ScenarioRegistry) {
  const workload = workloads.get(name);
  return workload?.tracking === 'rows' && workload.table(params).isUnlogged === true;
}

/** What the sink of a consumer of kind `own`, of which only keys are read, cannot show. */
function problemOfQuery(load: LoadSpec): string | undefined {
  if (changesRows(load)) {
    return 'reads a sink by the keys of its rows, which show inserts alone, and this load updates or deletes; set mix: { insert: 100 }';
  }
  return workloadsOf(load).length > 1
    ? 'reads the rows of one table ({table}), and groups of this load have tables of their own; leave their workloads out'
    : undefined;
}
