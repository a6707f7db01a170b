import type { Json } from '../../contracts/json.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { Workload } from '../../contracts/workload.ts';
import type { Findings } from './collect-problems.ts';
import { loadSchema, loadShape } from './file-schema.ts';
import { isMapping, type Raw } from './mapping.ts';
import { knownKeys } from './problems.ts';
import { ends } from './profile-schema.ts';
import { readWorkloadFiles } from './workload-files.ts';

/** Reads `load:`, with the keys and the files of its workload. `file`: the scenario's own. */
export function parseLoad(
  raw: unknown,
  { registry, file }: { readonly registry: ScenarioRegistry; readonly file: string },
  found: Findings,
): LoadSpec | undefined {
  if (!isMapping(raw)) {
    const message = raw === undefined ? 'is missing' : 'must be a mapping of keys to values';
    found.add({ path: ['load'], message });
    return undefined;
  }
  const load = found.read(loadSchema, raw, ['load']);
  const named = typeof raw.workload === 'string' ? raw.workload : 'ledger';
  const workload = found.lookUp('workload', named, registry.workloads, ['load', 'workload']);
  if (!workload) return undefined;
  const own = Object.fromEntries(
    Object.entries(raw).filter(([key]) => !Object.hasOwn(loadShape, key)),
  );
  if (load?.readers && !workload.reader) {
    const message = `the workload '${named}' has no reads, so it can have no readers`;
    found.add({ path: ['load', 'readers'], message });
  }
  if (load?.clientReads && !workload.reader) {
    const message = `the workload '${named}' has no reads: leave it out, or use one that has, such as records`;
    found.add({ path: ['load', 'mix', 'read'], message });
  }
  if (load?.pipeline !== undefined && !workload.pipelines) {
    const message = `the workload '${named}' sends transactions of several statements, whose answers it waits for`;
    found.add({ path: ['load', 'pipeline'], message });
  }
  if (load?.pipeline !== undefined && load.clientReads) {
    const message =
      'cannot be combined with reads in the mix: a client that reads has its last answer first';
    found.add({ path: ['load', 'pipeline'], message });
  }
  requireEnd(raw, found);
  refuseUnused(raw, { named, workload }, found);
  const known = [...Object.keys(loadShape), ...knownKeys(workload.params)];
  const params = found.readOwn(workload.params, own, { prefix: ['load'], known });
  if (!load || params === undefined) return undefined;
  if (load.clientReads?.from === 'replica') refuseEmptyReads({ workload, params }, found);
  return withFiles({ ...load, params }, { workload, params, file }, found);
}

/** A replica refuses every read of an unlogged table. Readers ask all nodes, and are not all refused. */
function refuseEmptyReads(
  { workload, params }: { readonly workload: Workload; readonly params: Json },
  found: Findings,
): void {
  if (workload.tracking !== 'rows' || workload.table(params).isUnlogged !== true) return;
  const message = 'replicas have nothing of an unlogged table, and refuse to read it: leave it out';
  found.add({ path: ['load', 'readFrom'], message });
}

function requireEnd(raw: Raw, found: Findings): void {
  if (ends.some((key) => Object.hasOwn(raw, key))) return;
  const message = 'needs a duration such as 5s, or give stages or operations';
  found.add({ path: ['load', 'duration'], message });
}

const optional = ['mix', 'batch', 'payload'] as const;

/** Nothing is accepted that has no effect. */
function refuseUnused(
  raw: Raw,
  { named, workload: { uses = optional } }: { readonly named: string; readonly workload: Workload },
  found: Findings,
): void {
  for (const key of optional.filter((each) => Object.hasOwn(raw, each) && !uses.includes(each))) {
    const message = `${key}: is without effect: the workload '${named}' does not use it`;
    found.add({ path: ['load', key], message, at: 'key' });
  }
  if (uses.includes('mix') || !isMapping(raw.groups)) return;
  for (const [name, group] of Object.entries(raw.groups)) {
    if (!isMapping(group) || !Object.hasOwn(group, 'mix')) continue;
    const message = `mix: is without effect: the workload '${named}' does not use it`;
    found.add({ path: ['load', 'groups', name, 'mix'], message, at: 'key' });
  }
}

function withFiles(
  load: LoadSpec,
  about: { readonly workload: Workload; readonly params: Json; readonly file: string },
  found: Findings,
): LoadSpec | undefined {
  const { workload, params } = about;
  const { files, problems } = readWorkloadFiles(workload, params, about.file);
  for (const problem of problems) found.add(problem);
  if (problems.length > 0) return undefined;
  const whole = { ...load, ...(files && { files }) };
  for (const { key, message, line, column } of workload.problems?.(whole) ?? []) {
    const name = files?.[key]?.name;
    const isPlaced = name !== undefined && line !== undefined;
    found.add({
      path: ['load', key],
      message,
      ...(isPlaced && { where: { file: name, line, column: column ?? 1 } }),
    });
  }
  return whole;
}
