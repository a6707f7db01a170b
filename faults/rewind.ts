import { z } from 'zod';
import type { Cluster, Node, Rule } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { ClusterError, lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { lsnDistance } from '../src/std/units/lsn.ts';
import { monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { rulesLapse } from './support/cut.ts';
import { candidateProblems, furthestReplica, patroniOf } from './support/patroni.ts';
import { untilPromoted } from './support/promotion.ts';
import { sqlOf } from './support/sql.ts';

const params = z.strictObject({
  /** How long the leader writes alone before another node is promoted. */
  diverge: duration.prefault('2s'),
  /** The node to promote; absent: the replica that has replayed furthest. */
  candidate: z.string().min(1).optional(),
});

/**
 * A divergence on purpose: replication is cut, the leader continues to write, then Patroni is asked to fail over to a
 * replica that lacks these writes. The old leader stops cleanly but has WAL that no other node has. It cannot come back
 * before replication is healed; Patroni's log and the result's `rejoins` show whether it then came back by pg_rewind or by a
 * new clone. What the leader acknowledged while it was alone is lost, unless replication is synchronous.
 */
const rewind: Fault<z.infer<typeof params>> = {
  summary: 'Lets the leader diverge, promotes another node, and leaves the old one to be rewound.',
  params,
  example: { diverge: '0s' },
  targets: 'none',
  effects: { asksForPromotion: true },
  needs: () => ['network', 'patroni', 'sql'],
  problems: ({ candidate }, nodeNames, _load, step) =>
    candidateProblems(candidate, nodeNames, step),

  async inject(_targets, { diverge, candidate }, { cluster, undo, id, signal }) {
    const patroni = patroniOf(cluster);
    const { leader } = await cluster.topology(signal);
    const old = cluster.nodes.find(({ name }) => name === leader);
    if (!old) throw new ClusterError('there is no leader now that could diverge');
    const network = old.network ?? lacks(old, 'network');
    undo({ do: 'clearRules', node: old.name, tag: id });
    await network.apply(id, replicationOf(cluster, old.name));
    await sleepUntil(monotonicMs() + diverge, signal);
    // Ensures that there is something to rewind, whatever the load does. Not transactional: it waits for no standby.
    const [written] = await sqlOf(old).query(
      "SELECT pg_logical_emit_message(false, 'forkpoint', 'diverged')::text AS lsn",
      [],
      { signal },
    );
    const topology = await cluster.topology(signal);
    const chosen = furthestReplica(topology, cluster);
    const to = candidate ?? chosen.node;
    const ask = () => patroni.failover({ to }, signal);
    const { answer } = await untilPromoted(
      { what: `the failover from ${old.name} to ${to}`, from: old.name, ask },
      { cluster, signal },
    );
    const replayed = topology.members.find(({ node }) => node === to)?.lsn ?? null;
    const reached = String(written?.lsn);
    const divergentBytes = replayed === null ? null : lsnDistance(reached, replayed);
    return {
      oldLeader: old.name,
      newLeader: to,
      answer,
      oldLeaderWroteTo: reached,
      newLeaderHadReplayed: replayed,
      divergentBytes,
    };
  },

  lapsed: (_targets, _params, context) =>
    rulesLapse(cutOff(context.cluster, context.detail), context),
};
export default rewind;

/** Whose replication was cut, by what `inject` returned. */
function cutOff(cluster: Cluster, detail: Json): readonly Node[] {
  const { oldLeader } = detail as { readonly oldLeader: string };
  return cluster.nodes.filter(({ name }) => name === oldLeader);
}

/** Both directions, so that no WAL leaves the old leader and no rewind reaches the new one. */
function replicationOf(cluster: Cluster, leader: string): readonly Rule[] {
  const peers = cluster.nodes.filter(({ name }) => name !== leader);
  return peers.flatMap(({ name }) =>
    (['in', 'out'] as const).map((direction): Rule => {
      const peer = { kind: 'node', name } as const;
      return { action: 'drop', direction, peer, service: 'postgres' };
    }),
  );
}
