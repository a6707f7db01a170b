import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { NotCarriedOut } from '../src/std/errors.ts';
import { candidateProblems, patroniOf } from './support/patroni.ts';
import { untilPromoted } from './support/promotion.ts';

const params = z.strictObject({
  /** The node to promote; absent: Patroni chooses. */
  candidate: z.string().min(1).optional(),
});

/**
 * A planned switchover: the leader is stopped cleanly after its replicas have received everything. In force once another
 * node leads, however long the old leader takes to stop: Patroni's REST API may give up earlier. There is nothing to undo:
 * the cluster is healthy, with another leader.
 */
const switchover: Fault<z.infer<typeof params>> = {
  summary: "Asks Patroni's REST API for a switchover to another node.",
  params,
  targets: 'none',
  effects: { asksForPromotion: true, canBeRefused: true },
  needs: () => ['patroni'],
  problems: ({ candidate }, nodeNames, _load, step) =>
    candidateProblems(candidate, nodeNames, step),

  async inject(_targets, { candidate }, { cluster, signal, isRefusalExpected }) {
    const patroni = patroniOf(cluster);
    const { leader: from } = await cluster.topology(signal);
    if (from === undefined) {
      throw new NotCarriedOut('there is no leader now, so there can be no switchover');
    }
    const asked = { from, ...(candidate !== undefined && { to: candidate }) };
    const what = `the switchover from ${from}${candidate === undefined ? '' : ` to ${candidate}`}`;
    const ask = () => patroni.switchover(asked, signal);
    return {
      ...asked,
      ...(await untilPromoted({ what, from, ask, isRefusalExpected }, { cluster, signal })),
    };
  },
};
export default switchover;
