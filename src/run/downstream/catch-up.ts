import type { Cluster } from '../../contracts/cluster.ts';
import { HarnessBug, messageOf } from '../../std/errors.ts';
import { lsnDistance } from '../../std/units/lsn.ts';
import { waitUntil } from '../../std/wait.ts';
import type { FollowedRun, Running } from './running.ts';
import { onPrimary } from './reader-on.ts';
import { openSink } from './sink-place.ts';
import { type SourceTable, untilSameWrites } from './sink-query.ts';

/** From the end of the run's convergence. What is not delivered by then is missing. */
const catchUpMs = 30_000;

interface Place {
  readonly run: FollowedRun;
  readonly cluster: Cluster;
  readonly sources: readonly SourceTable[];
}

/** Resolves when every consumer has delivered all there is, has stopped, or had its time. Errors: the signal's reason. */
export async function catchUp(running: readonly Running[], place: Place): Promise<void> {
  const { run } = place;
  const { signal } = run.options;
  const end = running.some(({ query }) => query === undefined) ? await markEnd(place) : undefined;
  await Promise.all(
    running.map(async (one) => {
      try {
        await (one.query === undefined ? untilAtEnd(one, end, signal) : untilSame(one, place));
      } catch (error) {
        signal.throwIfAborted();
        run.note(messageOf(error));
      }
    }),
  );
}

/** A message in the WAL behind the last write: who has delivered that has delivered all. */
async function markEnd({ run, cluster }: Place): Promise<string | undefined> {
  const { signal } = run.options;
  try {
    await using session = await onPrimary(cluster, signal);
    const [sent] = await session.rows<{ lsn: string }>(
      `SELECT pg_logical_emit_message(true, 'forkpoint', 'the end of the run')::text AS lsn`,
    );
    return sent?.lsn;
  } catch (error) {
    signal.throwIfAborted();
    run.note(`consumers: unknown where the WAL ends: ${messageOf(error)}`);
    return undefined;
  }
}

async function untilAtEnd(
  { spec, process }: Running,
  end: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const isThere = () =>
    process?.stopped !== undefined ||
    (end !== undefined && process?.lsn !== undefined && lsnDistance(process.lsn, end) >= 0);
  const options = { timeoutMs: catchUpMs, everyMs: 100, signal };
  await waitUntil(`consumer ${spec.name} has delivered all`, isThere, options);
}

async function untilSame({ spec, query, place: sinkPlace }: Running, place: Place) {
  const { signal } = place.run.options;
  if ('file' in sinkPlace || !query) {
    throw new HarnessBug(`what consumer ${spec.name} writes to has no query`);
  }
  await using primary = await onPrimary(place.cluster, signal);
  await using sink = await openSink(sinkPlace);
  const sessions = { primary, sink, sources: place.sources };
  await untilSameWrites({ name: spec.name, query }, sessions, { timeoutMs: catchUpMs, signal });
}
