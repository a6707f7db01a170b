import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { Findings } from './collect-problems.ts';
import { downstreamSchema } from './downstream-schema.ts';

/** `downstream:`, and whether what this load writes can be followed. Undefined: the file has none, or a wrong one. */
export function parseDownstream(
  raw: unknown,
  { load, registry }: { readonly load: LoadSpec | undefined; readonly registry: ScenarioRegistry },
  found: Findings,
): readonly DownstreamSpec[] | undefined {
  if (raw === undefined) return undefined;
  const parsed = found.read(downstreamSchema, raw, ['downstream']);
  if (parsed && load) {
    const problem = problemOfLoad(load, registry);
    if (problem !== undefined) found.add({ path: ['downstream'], message: problem });
  }
  return parsed;
}

function problemOfLoad(load: LoadSpec, { workloads }: ScenarioRegistry): string | undefined {
  const { mix, groups } = load;
  if (groups) return 'follows one table, and load.groups may have several; leave groups out';
  if (mix.update > 0 || mix.delete > 0) {
    return 'follows inserts, and load.mix has updates or deletes; set mix: { insert: 100 }';
  }
  const workload = workloads.get(load.workload);
  const isUnlogged = workload?.tracking === 'rows' && workload.table(load.params).isUnlogged;
  return isUnlogged ? 'needs WAL, and the table of this load is unlogged' : undefined;
}
