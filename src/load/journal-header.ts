import type { JournalHeader } from '../contracts/evidence.ts';
import type { WorkerSpec } from './protocol.ts';

/** What a worker's journal begins with. */
export function journalHeader(
  { worker, firstWriter, writers, instead, members, context, load }: WorkerSpec,
  originNs: bigint,
): JournalHeader {
  return {
    schemaVersion: load.retry ? 2 : 1,
    runId: context.runId,
    worker: instead?.worker ?? worker,
    firstWriter: instead?.firstIdentity ?? firstWriter,
    writers,
    nodes: members.map(({ name }) => name),
    originNs: String(originNs),
  };
}
