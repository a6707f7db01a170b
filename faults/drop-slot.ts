import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { leaderOf } from '../src/std/units/leadership.ts';
import { waitUntil } from '../src/std/wait.ts';
import { consumerParams, consumersOf } from './support/consumers.ts';
import { sqlOf } from './support/sql.ts';

const timeoutMs = 10_000;

/**
 * An operator who cleans up, or Patroni, which drops slots that it does not know when a member starts. A slot that is read cannot be
 * dropped: its reader is ended first, and comes back at once, so both are tried until it is gone.
 */
const dropSlot: Fault<z.infer<typeof consumerParams>> = {
  summary:
    "Drops a consumer's replication slot on the leader, and ends its reader. Nothing heals it.",
  params: consumerParams,
  example: { consumer: 'feed' },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['sql'],
  consumers: ({ consumer }) => [consumer],
  meets: 'slot',

  async inject(_targets, { consumer }, context) {
    const { cluster, signal } = context;
    const slot = consumersOf(context).slotOf(consumer);
    const leader = leaderOf(await cluster.topology(signal));
    const node = cluster.nodes.find(({ name }) => name === leader);
    if (!node) throw new ClusterError(`there is no leader now to drop slot ${slot} on`);
    const sql = sqlOf(node);
    const drop = async () => {
      const [found] = await sql.query(
        `SELECT confirmed_flush_lsn::text AS confirmed,
           CASE WHEN active_pid IS NOT NULL THEN pg_terminate_backend(active_pid) END AS ended
         FROM pg_replication_slots WHERE slot_name = $1`,
        [slot],
        { signal },
      );
      if (!found) throw new ClusterError(`there is no slot ${slot} on ${node.name}`);
      await sql.query('SELECT pg_drop_replication_slot($1)', [slot], { signal });
      return { node: node.name, slot, confirmed: String(found.confirmed) };
    };
    const what = `slot ${slot} is dropped on ${node.name}`;
    return waitUntil(what, drop, { timeoutMs, everyMs: 20, signal });
  },
};
export default dropSlot;
