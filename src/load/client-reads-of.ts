import type { Workload } from '../contracts/workload.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { ClientReads } from './client-reads.ts';
import { LoadReader } from './load-reader.ts';
import { OwnWrites } from './own-writes.ts';
import type { WorkerSpec } from './protocol.ts';
import type { ReadLog } from './read-log.ts';
import type { ReadTimes } from './read-times.ts';
import { groupsOfLoad, isWriterOf } from '../scenario/words/groups.ts';
import { tracked } from './tracked.ts';

/** Readers beside the clients have numbers of their own, and so have their random numbers. */
const firstOfClients = 1_000;

interface ClientTools {
  readonly workload: Workload;
  readonly log: ReadLog;
  readonly times: ReadTimes;
  /** Ends its sessions. */
  readonly signal: AbortSignal;
}

/** The reads of one client; undefined where clients only write. */
export function clientReadsOf(
  number: number,
  { load, context, members, credentials, routes }: WorkerSpec,
  { workload, log, times, signal }: ClientTools,
): ClientReads | undefined {
  const { clientReads: spec, deadlineMs } = load;
  const reader = workload.reader?.(firstOfClients + number, context);
  if (!spec || !reader) return undefined;
  const writes = new OwnWrites();
  const table = `${quoteIdentifier(context.schema)}.${tracked(workload).table(load.params).name}`;
  const route = routes.find(
    ({ firstWriter, writers }) => number >= firstWriter && number < firstWriter + writers,
  );
  const { from } = spec;
  const state = {
    schema: context.schema,
    own: { writer: number, table, writes },
    timeoutMs: deadlineMs,
    isUnnamed: from === 'connection' && route?.pooling === 'transaction',
  };
  const session = log.session(`client ${number}`);
  const applicationName = `forkpoint reads of client ${number}`;
  const options = { number, members, credentials, applicationName, signal, state, log: session };
  const others =
    from === 'connection'
      ? undefined
      : new LoadReader({ ...options, reader: { next: () => ({ ...reader.next(), on: from }) } });
  const group = groupsOfLoad(load).find((each) => isWriterOf(number, each))?.name;
  const named = group === undefined ? {} : { group };
  const own = {
    spec,
    seed: context.seed,
    number,
    reader,
    writes,
    state,
    log: session,
    times,
    ...named,
  };
  return new ClientReads({ ...own, others, members, signal });
}
