import type { Cluster } from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';
import { waitUntil } from '../std/wait.ts';
import { mapping } from './asked-parameters.ts';
import type { JsonObject } from './dynamic-config.ts';

const connectTimeoutMs = 2_000;
const copiedTimeoutMs = 90_000;

/** Names of the logical slots that Patroni keeps on every member. */
export function logicalSlotsIn(dynamic: JsonObject): readonly string[] {
  return Object.entries(mapping(dynamic.slots))
    .filter(([, slot]) => mapping(slot).type === 'logical')
    .map(([name]) => name);
}

/**
 * Waits until every member that may lead has these slots: Patroni copies them from the primary, and restarts each replica
 * for it. Source: Patroni, postgresql/slots.py, copy_logical_slots. Errors: ClusterError naming the member and the slots.
 */
export async function untilSlotsCopied(
  { nodes, credentials, asked }: Pick<Cluster, 'nodes' | 'credentials' | 'asked'>,
  slots: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (slots.length === 0) return;
  const missingOn = async (observer: Cluster['nodes'][number]['observer']) => {
    await using session = await connect(observer, credentials, {
      connectTimeoutMs,
      queryTimeoutMs: connectTimeoutMs,
      signal,
      applicationName: 'forkpoint boot',
      settings: 'servers',
    });
    const rows = await session.rows<{ slot_name: string }>(
      'SELECT slot_name FROM pg_replication_slots',
    );
    const found = new Set(rows.map((row) => row.slot_name));
    return slots.filter((slot) => !found.has(slot));
  };
  const mayLead = nodes.filter(({ name }) => asked?.members[name]?.tags.nofailover !== true);
  await Promise.all(
    mayLead.map(({ name, observer }) =>
      waitUntil(
        `${name} has the logical slots ${slots.join(', ')}`,
        async () => {
          const missing = await missingOn(observer);
          if (missing.length > 0) throw new Error(`not yet: ${missing.join(', ')}`);
          return true;
        },
        { timeoutMs: copiedTimeoutMs, everyMs: 200, signal },
      ),
    ),
  );
}
