import type { Cluster } from '../../contracts/cluster.ts';
import { ClusterError, HarnessBug, messageOf } from '../../std/errors.ts';
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
  const note = (error: unknown) => {
    signal.throwIfAborted();
    run.note(messageOf(error));
  };
  const wait: Wait = { timeoutMs: catchUpMs, signal };
  const end = await endFor(running, place, signal).catch(note);
  const all = { ...place, end: end ?? undefined };
  await Promise.all(running.map((one) => untilAllOf(one, all, wait).catch(note)));
}

/** Resolves when every consumer has delivered what is committed now. Errors: ClusterError after the time, or for one that has stopped. */
export async function untilDelivered(
  running: readonly Running[],
  place: Place,
  wait: Wait,
): Promise<void> {
  const end = await endFor(running, place, wait.signal);
  await Promise.all(running.map((one) => untilAllOf(one, { ...place, end }, wait)));
  const stopped = running.find(({ process }) => process?.stopped !== undefined);
  if (!stopped) return;
  const { spec, process } = stopped;
  throw new ClusterError(`consumer ${spec.name} has stopped: ${process?.stopped ?? ''}`);
}

interface Wait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A message in the WAL behind the last write: who has delivered that has delivered all. Undefined: only sinks are asked. */
async function endFor(
  running: readonly Running[],
  { cluster }: Place,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (running.every(({ query }) => query !== undefined)) return undefined;
  try {
    await using session = await onPrimary(cluster, signal);
    const [sent] = await session.rows<{ lsn: string }>(
      `SELECT pg_logical_emit_message(true, 'forkpoint', 'all until here')::text AS lsn`,
    );
    return sent?.lsn;
  } catch (cause) {
    throw new ClusterError(`consumers: unknown where the WAL ends: ${messageOf(cause)}`, { cause });
  }
}

function untilAllOf(
  one: Running,
  place: Place & { readonly end: string | undefined },
  wait: Wait,
): Promise<void> {
  return one.query === undefined ? untilAtEnd(one, place.end, wait) : untilSame(one, place, wait);
}

async function untilAtEnd(
  { spec, process }: Running,
  end: string | undefined,
  wait: Wait,
): Promise<void> {
  const isThere = () =>
    process?.stopped !== undefined ||
    (end !== undefined && process?.lsn !== undefined && lsnDistance(process.lsn, end) >= 0);
  const options = { ...wait, everyMs: 100 };
  await waitUntil(`consumer ${spec.name} has delivered all`, isThere, options);
}

async function untilSame(
  { spec, query, place: sinkPlace }: Running,
  place: Place,
  wait: Wait,
): Promise<void> {
  if ('file' in sinkPlace || !query) {
    throw new HarnessBug(`what consumer ${spec.name} writes to has no query`);
  }
  await using primary = await onPrimary(place.cluster, wait.signal);
  await using sink = await openSink(sinkPlace);
  const sessions = { primary, sink, sources: place.sources };
  await untilSameWrites({ name: spec.name, query }, sessions, wait);
}
