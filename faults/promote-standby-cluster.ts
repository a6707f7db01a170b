import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { leaderOf } from '../src/std/units/leadership.ts';
import { waitUntil } from '../src/std/wait.ts';

const params = z.strictObject({});

/** A member's next loop, and the replay of what it has received. */
const promotedTimeoutMs = 60_000;

/**
 * The decision of an administrator whose first site is lost, or taken for lost: the standby cluster follows no longer, so Patroni there
 * promotes its leader. What has not arrived until then is lost. Patroni does not look at the first cluster, which stays as it is; healing
 * makes it the standby cluster of the promoted one, so that its old primary is rewound when it comes back.
 * Source: Patroni documentation, standby cluster.
 */
const promoteStandbyCluster: Fault<z.infer<typeof params>> = {
  summary:
    'Promotes the standby cluster, by Patroni; to heal, the other cluster is made to follow it.',
  params,
  targets: 'none',
  effects: { asksForPromotion: true, servers: 'any' },
  needs: () => ['standby'],

  async inject(_targets, _params, { cluster, signal, undo }) {
    const standby = cluster.standby ?? lacks({ name: cluster.id }, 'standby cluster');
    const from = leaderOf(await cluster.topology(signal));
    undo({ do: 'followPromoted' });
    await standby.promote(signal);
    const primaryThere = async () => {
      const { members } = await cluster.topology(signal);
      return members.find(({ node, role }) => role === 'primary' && standby.nodes.includes(node))
        ?.node;
    };
    const what = `a node of the standby cluster (${standby.nodes.join(', ')}) is a primary`;
    const to = await waitUntil(what, primaryThere, {
      timeoutMs: promotedTimeoutMs,
      everyMs: 100,
      signal,
    });
    return { ...(from !== undefined && { from }), to };
  },

  async lapsed(_targets, _params, { cluster, signal }) {
    const isPromoted = await cluster.standby?.isPromoted(signal);
    return isPromoted === false ? 'the standby cluster follows the other one again' : undefined;
  },
};
export default promoteStandbyCluster;
