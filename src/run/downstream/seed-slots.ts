import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { Session } from '../../pg/session.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import type { RunOptions } from '../run-options.ts';
import { untilCopiesMove } from './patroni-copies.ts';
import type { FollowedRun } from './running.ts';
import { untilSynced } from './sync-slots.ts';
import { nameOfTable, type SourceTable } from './sink-query.ts';

/** Where the first consumer begins. */
export interface SlotStart {
  readonly lsn: string;
  readonly timeline: number;
}

interface SlotPlace {
  readonly run: Pick<FollowedRun, 'note'> & { readonly options: Pick<RunOptions, 'signal'> };
  readonly cluster: Pick<Cluster, 'nodes' | 'credentials'>;
}

interface SlotPlace {
  readonly run: Pick<FollowedRun, 'note'> & { readonly options: Pick<RunOptions, 'signal'> };
  readonly cluster: Pick<Cluster, 'nodes' | 'credentials'>;
}

/** Publishes the run's tables for a consumer. Errors: ClusterError. */
export async function publish(
  session: Session,
  publication: string,
  { consumer, sources }: { readonly consumer: string; readonly sources: readonly SourceTable[] },
): Promise<void> {
  const tables = sources.map(nameOfTable).join(', ');
  try {
    await session.rows(
      `CREATE PUBLICATION ${quoteIdentifier(publication)} FOR TABLE ${tables} WITH (publish_via_partition_root = true)`,
    );
  } catch (cause) {
    throw failed(`publishing ${tables}`, { consumer, cause });
  }
}

/**
 * Makes the consumer's slot. One that Patroni keeps on every node is there already, and is moved beyond what came before the publication,
 * which decoding would look for in vain. Without a slot of ours, where the WAL ends now. Errors: ClusterError.
 */
export async function seedSlot(
  session: Session,
  { name, consumer, slot, failover }: DownstreamSpec,
  { run, cluster }: SlotPlace,
): Promise<SlotStart> {
  try {
    const [found] = await session.rows<{ timeline: number; lsn: string }>(
      `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline, pg_current_wal_lsn()::text AS lsn`,
    );
    const { timeline = 1, lsn = '0/0' } = found ?? {};
    // The slot of a consumer of kind own is neither made nor moved.
    if (slot === undefined || consumer === 'own') return { lsn, timeline };
    const [there] = await session.rows<{ failover: boolean }>(
      `SELECT coalesce((to_jsonb(s)->>'failover')::boolean, false) AS failover
       FROM pg_replication_slots s WHERE slot_name = $1`,
      [slot],
    );
    if (there?.failover === false && failover) {
      throw new ClusterError('it exists, and is no failover slot');
    }
    const note = (what: string) => run.note(`consumer ${name}: ${what}`);
    const around = { cluster, signal: run.options.signal, note };
    if (!failover && there) return { lsn: await untilCopiesMove(session, slot, around), timeline };
    const made = there ? '0/0' : await makeSlot(session, slot, failover);
    return { lsn: failover ? await untilSynced(session, slot, around) : made, timeline };
  } catch (cause) {
    throw failed(`making slot ${slot}`, { consumer: name, cause });
  }
}

async function makeSlot(session: Session, slot: string, failover = false): Promise<string> {
  // The fifth argument is PostgreSQL 17's.
  const more = failover ? ', failover => true' : '';
  const [start] = await session.rows<{ lsn: string }>(
    `SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput'${more})`,
    [slot],
  );
  return start?.lsn ?? '0/0';
}

function failed(
  what: string,
  { consumer, cause }: { readonly consumer: string; readonly cause: unknown },
): ClusterError {
  const message = `consumer ${consumer}: ${what} failed on the primary: ${messageOf(cause)}`;
  return new ClusterError(message, { cause });
}
