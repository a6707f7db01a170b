import type { LoadSpec } from '../contracts/scenario.ts';
import type { Workload } from '../contracts/workload.ts';
import { groupsOfLoad, isWriterOf, loadOfGroup, onlyReads } from '../scenario/words/groups.ts';
import type { GroupWork, WorkerSpec } from './protocol.ts';
import { workloadContext } from './workload-context.ts';
import { loadWorkload, type WorkloadSource } from './workload-source.ts';

export type Sources = (workload: string) => WorkloadSource;

/** What the clients of each group do, for their workers; none where the load has no groups. */
export function groupWorkOf(
  load: LoadSpec,
  run: { readonly runId: string; readonly seed: number; readonly sourceOf: Sources },
): readonly GroupWork[] {
  const { runId, seed, sourceOf } = run;
  return groupsOfLoad(load).map((group, index) => {
    const { firstWriter, clients } = group;
    const own = loadOfGroup(load, group);
    const number = group.workload === undefined ? 0 : index + 1;
    const context = workloadContext(own, { runId, seed, number });
    return { firstWriter, clients, load: own, context, workload: sourceOf(own.workload) };
  });
}

/** Of a worker's clients, those that write. */
export function writingClients({
  load,
  firstWriter,
  writers,
}: Pick<WorkerSpec, 'load' | 'firstWriter' | 'writers'>): number {
  const idle = groupsOfLoad(load)
    .filter(onlyReads)
    .map((group) => {
      const end = Math.min(firstWriter + writers, group.firstWriter + group.clients);
      return Math.max(0, end - Math.max(firstWriter, group.firstWriter));
    });
  return writers - idle.reduce((sum, clients) => sum + clients, 0);
}

/** What a writer of a worker does: its workload, and the worker's spec as it is for this writer. */
export interface WriterWork {
  readonly workload: Workload;
  readonly spec: WorkerSpec;
}

/** Loads every workload of a worker. Errors: those of loadWorkload. */
export async function loadWork(spec: WorkerSpec): Promise<(writer: number) => WriterWork> {
  const usual = { workload: await loadWorkload(spec.workload), spec };
  const groups = await Promise.all(
    (spec.groups ?? []).map(async (group) => {
      const { load, context } = group;
      const work = {
        workload: await loadWorkload(group.workload),
        spec: { ...spec, load, context },
      };
      return { ...group, work };
    }),
  );
  return (writer) => groups.find((group) => isWriterOf(writer, group))?.work ?? usual;
}
