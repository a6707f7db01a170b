import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { candidateProblems, furthestReplica, patroniOf } from './support/patroni.ts';
import { untilPromoted } from './support/promotion.ts';

const params = z.strictObject({
  /** The node to promote; without it the replica that has replayed furthest, for Patroni wants to be told. */
  candidate: z.string().min(1).optional(),
});

/**
 * What an operator does when the leader is in trouble or gone: names a node and has it promoted, by the lock that is
 * there or without one. A leader that lives is stopped first, like in a switchover, but nobody checks that it is the
 * leader one meant. There is nothing to undo.
 */
const failover: Fault<z.infer<typeof params>> = {
  summary: "Asks Patroni's REST API to promote one node, whether or not there is a leader.",
  params,
  targets: 'none',
  effects: { asksForPromotion: true },
  needs: () => ['patroni'],
  problems: ({ candidate }, nodeNames) => candidateProblems(candidate, nodeNames),

  async inject(_targets, { candidate }, { cluster, signal }) {
    const patroni = patroniOf(cluster);
    const topology = await cluster.topology(signal);
    const chosen = candidate === undefined ? furthestReplica(topology) : undefined;
    const to = candidate ?? chosen?.node ?? '';
    const { leader: from } = topology;
    const ask = () => patroni.failover({ to }, signal);
    const answered = await untilPromoted(
      { what: `the failover to ${to}`, from, ask },
      { cluster, signal },
    );
    return {
      from: from ?? null,
      to,
      ...answered,
      ...(chosen && { chosenBecause: `it has replayed furthest: ${chosen.lsn ?? 'unknown'}` }),
    };
  },
};
export default failover;
