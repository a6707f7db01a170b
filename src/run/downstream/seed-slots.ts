import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { connect } from '../../pg/connect.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { Session } from '../../pg/session.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import type { FollowedRun } from './running.ts';
import { untilSynced } from './sync-slots.ts';
import { nameOfTable, type SourceTable } from './sink-query.ts';
import { primaryNode } from '../primary-node.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 60_000;

/** Where the first consumer begins. */
export interface SlotStart {
  readonly lsn: string;
  readonly timeline: number;
}

/** A session on the primary as it is now. Errors: ClusterError when there is none. */
export async function onPrimary(cluster: Cluster, signal: AbortSignal): Promise<Session> {
  const node = await primaryNode(cluster, signal);
  if (!node) throw new ClusterError('no node is primary now');
  return connect(node.observer, cluster.credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    signal,
    applicationName: 'forkpoint downstream',
    settings: 'reader',
  });
}

/** Publishes the run's tables for a consumer. Returns the publication. Errors: ClusterError. */
export async function publish(
  session: Session,
  consumer: string,
  sources: readonly SourceTable[],
): Promise<string> {
  const publication = `forkpoint_${consumer}`;
  const tables = sources.map(nameOfTable).join(', ');
  try {
    await session.rows(
      `CREATE PUBLICATION ${quoteIdentifier(publication)} FOR TABLE ${tables} WITH (publish_via_partition_root = true)`,
    );
    return publication;
  } catch (cause) {
    throw failed(`publishing ${tables}`, { consumer, cause });
  }
}

/**
 * Makes the consumer's slot. One that Patroni keeps on every node is there already, and is moved beyond what came before the
 * publication, which decoding would look for in vain. Without a slot, where the WAL ends now. Errors: ClusterError.
 */
export async function seedSlot(
  session: Session,
  { name, slot, failover }: DownstreamSpec,
  { run, cluster }: { readonly run: FollowedRun; readonly cluster: Cluster },
): Promise<SlotStart> {
  try {
    const [found] = await session.rows<{ timeline: number; lsn: string }>(
      `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline, pg_current_wal_lsn()::text AS lsn`,
    );
    const { timeline = 1, lsn = '0/0' } = found ?? {};
    if (slot === undefined) return { lsn, timeline };
    const [there] = await session.rows<{ failover: boolean }>(
      `SELECT coalesce((to_jsonb(s)->>'failover')::boolean, false) AS failover
       FROM pg_replication_slots s WHERE slot_name = $1`,
      [slot],
    );
    if (there?.failover === false && failover) {
      throw new ClusterError('it exists, and is no failover slot');
    }
    // The fifth argument is PostgreSQL 17's.
    const more = failover ? ', failover => true' : '';
    const make = `SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput'${more})`;
    const move = `SELECT end_lsn::text AS lsn FROM pg_replication_slot_advance($1, pg_current_wal_lsn())`;
    const [start] = await session.rows<{ lsn: string }>(there ? move : make, [slot]);
    if (!failover) return { lsn: start?.lsn ?? '0/0', timeline };
    const note = (what: string) => run.note(`consumer ${name}: ${what}`);
    const { signal } = run.options;
    return { lsn: await untilSynced(session, slot, { cluster, signal, note }), timeline };
  } catch (cause) {
    throw failed(`making slot ${slot}`, { consumer: name, cause });
  }
}

function failed(
  what: string,
  { consumer, cause }: { readonly consumer: string; readonly cause: unknown },
): ClusterError {
  const message = `consumer ${consumer}: ${what} failed on the primary: ${messageOf(cause)}`;
  return new ClusterError(message, { cause });
}
