import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { candidateProblems, furthestReplica, patroniOf } from './support/patroni.ts';
import { untilPromoted } from './support/promotion.ts';

const params = z.strictObject({
  /** The node to promote; absent: the replica that has replayed furthest, since Patroni needs a candidate. */
  candidate: z.string().min(1).optional(),
});

/**
 * A manual failover, as an operator does it when the leader is in trouble or gone: Patroni promotes the named node,
 * whether or not there is a leader. A running leader is stopped first, as in a switchover, but Patroni does not check that
 * it is the expected one. There is nothing to undo.
 */
const failover: Fault<z.infer<typeof params>> = {
  summary: "Asks Patroni's REST API to promote one node, whether or not there is a leader.",
  params,
  targets: 'none',
  effects: { asksForPromotion: true, canBeRefused: true },
  needs: () => ['patroni'],
  problems: ({ candidate }, nodeNames, _load, step) =>
    candidateProblems(candidate, nodeNames, step),

  async inject(_targets, { candidate }, { cluster, signal, isRefusalExpected }) {
    const patroni = patroniOf(cluster);
    const topology = await cluster.topology(signal);
    const chosen = candidate === undefined ? furthestReplica(topology, cluster) : undefined;
    const to = candidate ?? chosen?.node ?? '';
    const { leader: from } = topology;
    const ask = () => patroni.failover({ to }, signal);
    const answered = await untilPromoted(
      { what: `the failover to ${to}`, from, ask, isRefusalExpected },
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
