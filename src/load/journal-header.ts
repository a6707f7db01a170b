import type { JournalHeader } from '../contracts/evidence.ts';
import type { WorkerSpec } from './protocol.ts';

/** What a worker's journal begins with. */
export function journalHeader(
  { worker, firstWriter, writers, members, context }: WorkerSpec,
  originNs: bigint,
): JournalHeader {
  return {
    schemaVersion: 1,
    runId: context.runId,
    worker,
    firstWriter,
    writers,
    nodes: members.map(({ name }) => name),
    originNs: String(originNs),
  };
}
