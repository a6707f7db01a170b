import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { primariesOf } from '../src/std/units/leadership.ts';
import { allDone } from '../src/std/wait.ts';
import { isInRecovery } from './support/recovery.ts';
import { sqlOf } from './support/sql.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({});

/** Replay of what it has received, and the end of recovery. */
const promotedTimeoutSeconds = 60;

/**
 * An operator, or a script of earlier days, promotes a replica past Patroni. Patroni there finds a primary without the lock and demotes
 * it in its next loop; in maintenance mode it lets it be, so there are two primaries until that ends. What the promoted one acknowledged
 * is lost when it is rewound. There is nothing to undo: what follows is Patroni's.
 * Source: Patroni, ha.py, follow.
 */
const promoteByHand: Fault<z.infer<typeof params>> = {
  summary: 'Promotes its targets past Patroni, by pg_promote() on the server itself.',
  params,
  targets: 'nodes',
  effects: { asksForPromotion: true, servers: 'any' },
  needs: () => ['sql'],
  problems: (_params, _nodeNames, _load, { target, nodes }) => {
    if (target !== 'leader' && target !== 'all' && nodes > 1) return [];
    const message = `a primary cannot be promoted, and the target is '${target}'`;
    return [{ path: [], message }];
  },

  async inject(targets, _params, { cluster, signal }) {
    const before = await cluster.topology(signal);
    const primary = await nodesWhere(targets, async (node) => !(await isInRecovery(node, signal)));
    if (primary) throw new ClusterError(`${primary} is a primary now: it cannot be promoted`);
    const names = targets.map(({ name }) => name);
    const [to] = names;
    await allDone(
      targets.map(async (node) => {
        const text = 'SELECT pg_promote(true, $1) AS promoted';
        const timeoutMs = (promotedTimeoutSeconds + 5) * 1000;
        const options = { signal, timeoutMs };
        const [row] = await sqlOf(node).query(text, [promotedTimeoutSeconds], options);
        if (row?.promoted !== false) return;
        const limit = `${promotedTimeoutSeconds} s`;
        throw new ClusterError(`${node.name} is still in recovery ${limit} after pg_promote()`);
      }),
    );
    return {
      promoted: names,
      beside: primariesOf(before).map(({ node }) => node),
      ...(before.leader !== undefined && { from: before.leader }),
      ...(names.length === 1 && to !== undefined && { to }),
    };
  },

  async remarks(targets, _params, { cluster, signal }) {
    const { leader, members } = await cluster.topology(signal);
    const lock = leader === undefined ? 'no node has the lock' : `${leader} has the lock`;
    return targets.map(({ name }) => {
      const isPrimary = members.some(({ node, role }) => node === name && role === 'primary');
      return `${name} is ${isPrimary ? 'still a primary' : 'no primary any more'}; ${lock}`;
    });
  },
};
export default promoteByHand;
