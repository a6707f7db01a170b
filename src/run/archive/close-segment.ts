import type { WalPlace } from '../../contracts/archive.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { readHistory } from '../../evidence/readback/timeline-histories.ts';
import { waitUntil } from '../../std/wait.ts';
import { onPrimary } from '../downstream/reader-on.ts';
import type { WalStore } from './wal-store.ts';

/** From the switch of the last segment. What is not archived by then was never archived. */
const archiveTimeoutMs = 30_000;

export interface WalEnd {
  readonly segmentBytes: number;
  readonly end: WalPlace;
  /** Of its timeline, oldest first. */
  readonly ancestors: readonly WalPlace[];
  /** Name of the last segment. */
  readonly segment: string;
}

/**
 * Ends the primary's current segment, which is archived only then: without that, the end of any load would be in no archive.
 * Errors: ClusterError without a primary; SqlError.
 */
export async function closeSegment(cluster: Cluster, signal: AbortSignal): Promise<WalEnd> {
  await using session = await onPrimary(cluster, signal);
  // An empty segment is not switched: this way there is something in it.
  await session.rows(`SELECT pg_logical_emit_message(false, 'forkpoint', 'the end of the run')`);
  const [found] = await session.rows<{ lsn: string; segment: string; bytes: number }>(
    `SELECT lsn::text AS lsn, pg_walfile_name(lsn) AS segment,
       (SELECT setting::float8 FROM pg_settings WHERE name = 'wal_segment_size') AS bytes
     FROM pg_switch_wal() AS lsn`,
  );
  const { lsn = '0/0', segment = '', bytes = 0 } = found ?? {};
  const timeline = Number.parseInt(segment.slice(0, 8), 16);
  const own = (await readHistory(session)).find((each) => each.timeline === timeline);
  const ancestors = own?.ancestors.map((each) => ({ timeline: each.timeline, lsn: each.lsn }));
  return { segmentBytes: bytes, end: { timeline, lsn }, ancestors: ancestors ?? [], segment };
}

/** Resolves when the archive has the last segment. Errors: ClusterError after the time. */
export async function untilArchived(
  store: Pick<WalStore, 'has'>,
  segment: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `the last segment of WAL, ${segment}, is in the archive`;
  await waitUntil(what, () => store.has(segment), {
    timeoutMs: archiveTimeoutMs,
    everyMs: 100,
    signal,
  });
}
