import type { Json } from '../../contracts/json.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import type { Workload } from '../../contracts/workload.ts';
import type { Findings } from './collect-problems.ts';
import { isMapping, type Raw } from './mapping.ts';
import { knownKeys } from './problems.ts';
import { readWorkloadFiles } from './workload-files.ts';

/** A workload where it stands: in `load`, or in one of its groups. */
export interface WrittenWork {
  readonly raw: Raw;
  readonly path: readonly string[];
  /** The keys beside the workload's own. */
  readonly shape: readonly string[];
  /** The workload. */
  readonly named: string;
}

/**
 * The keys and the files of a workload; undefined: they have problems. `load`: as its clients have it, without these; absent: it
 * could not be read.
 */
export function parseWork(
  written: WrittenWork,
  load: LoadSpec | undefined,
  { registry, file }: { readonly registry: ScenarioRegistry; readonly file: string },
  found: Findings,
): Pick<LoadSpec, 'params' | 'files'> | undefined {
  const { raw, path, shape, named } = written;
  const workload = found.lookUp('workload', named, registry.workloads, [...path, 'workload']);
  if (!workload) return undefined;
  const own = Object.fromEntries(Object.entries(raw).filter(([key]) => !shape.includes(key)));
  if (Object.hasOwn(raw, 'readers') && load?.readers && !workload.reader) {
    const message = `the workload '${named}' has no reads, so it can have no readers`;
    found.add({ path: [...path, 'readers'], message });
  }
  refuseUnused(written, { workload, load }, found);
  const known = [...shape, ...knownKeys(workload.params)];
  const params = found.readOwn(workload.params, own, { prefix: path, known });
  if (!load || params === undefined) return undefined;
  if (load.clientReads?.from === 'replica') refuseEmptyReads({ workload, params, path }, found);
  return withFiles({ ...load, params }, { workload, params, file, path }, found);
}

/** A replica refuses every read of an unlogged table. Readers ask all nodes, and are not all refused. */
function refuseEmptyReads(
  about: { readonly workload: Workload; readonly params: Json; readonly path: readonly string[] },
  found: Findings,
): void {
  const { workload, params, path } = about;
  if (workload.tracking !== 'rows' || workload.table(params).isUnlogged !== true) return;
  const message = 'replicas have nothing of an unlogged table, and refuse to read it: leave it out';
  found.add({ path: [...path, 'readFrom'], message });
}

const optional = ['mix', 'batch', 'payload'] as const;

/** Nothing is accepted that has no effect, or that the workload cannot do. */
export function refuseUnused(
  { raw, path, named }: WrittenWork,
  { workload, load }: { readonly workload: Workload; readonly load: LoadSpec | undefined },
  found: Findings,
): void {
  const { uses = optional, pipelines } = workload;
  const isOnlyRead = isMapping(raw.mix) && Object.keys(raw.mix).join() === 'read';
  for (const key of optional.filter((each) => Object.hasOwn(raw, each) && !uses.includes(each))) {
    if (key === 'mix' && isOnlyRead && load?.clientReads) continue;
    const message = `${key}: is without effect: the workload '${named}' does not use it`;
    found.add({ path: [...path, key], message, at: 'key' });
  }
  if (load?.clientReads && !workload.reader) {
    const message = `the workload '${named}' has no reads: leave it out, or use one that has, such as records`;
    found.add({ path: [...path, 'mix', 'read'], message });
  }
  if (load?.pipeline !== undefined && !pipelines) {
    const message = `the workload '${named}' sends transactions of several statements, whose answers it waits for`;
    found.add({ path: ['load', 'pipeline'], message });
  }
}

function withFiles(
  load: LoadSpec,
  about: {
    readonly workload: Workload;
    readonly params: Json;
    readonly file: string;
    readonly path: readonly string[];
  },
  found: Findings,
): Pick<LoadSpec, 'params' | 'files'> | undefined {
  const { workload, params, path } = about;
  const { files, problems } = readWorkloadFiles(workload, params, {
    scenarioFile: about.file,
    path,
  });
  for (const problem of problems) found.add(problem);
  if (problems.length > 0) return undefined;
  const own = { params, ...(files && { files }) };
  for (const { key, message, line, column } of workload.problems?.({ ...load, ...own }) ?? []) {
    const name = files?.[key]?.name;
    const isPlaced = name !== undefined && line !== undefined;
    found.add({
      path: [...path, key],
      message,
      ...(isPlaced && { where: { file: name, line, column: column ?? 1 } }),
    });
  }
  return own;
}
