import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { NotCarriedOut } from '../src/std/errors.ts';
import { candidateProblems, patroniOf } from './support/patroni.ts';
import { untilPromoted } from './support/promotion.ts';

const params = z.strictObject({
  /** The node to promote; without it Patroni chooses. */
  candidate: z.string().min(1).optional(),
});

/**
 * The planned handover: the leader is stopped cleanly after its replicas have received everything. In force once
 * another leads, however long the old one takes to stop: Patroni's interface gives up on it before. There is nothing to
 * undo: the cluster is whole, with another leader.
 */
const switchover: Fault<z.infer<typeof params>> = {
  summary: "Asks Patroni's REST API to hand the leader's role to another node, in an orderly way.",
  params,
  targets: 'none',
  effects: { asksForPromotion: true },
  needs: () => ['patroni'],
  problems: ({ candidate }, nodeNames) => candidateProblems(candidate, nodeNames),

  async inject(_targets, { candidate }, { cluster, signal }) {
    const patroni = patroniOf(cluster);
    const { leader: from } = await cluster.topology(signal);
    if (from === undefined) {
      throw new NotCarriedOut('nobody is leader now, so nobody can hand over');
    }
    const asked = { from, ...(candidate !== undefined && { to: candidate }) };
    const what = `the switchover from ${from}${candidate === undefined ? '' : ` to ${candidate}`}`;
    const ask = () => patroni.switchover(asked, signal);
    return { ...asked, ...(await untilPromoted({ what, from, ask }, { cluster, signal })) };
  },
};
export default switchover;
