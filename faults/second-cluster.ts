import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks, NotCarriedOut } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({});

/**
 * A second cluster is set up with the scope of the first in the same DCS, as by a template whose name was not changed. Its member has
 * data of its own, so another system identifier; whether it is turned away is up to what the DCS holds of the first.
 */
const secondCluster: Fault<z.infer<typeof params>> = {
  summary: "Starts a Patroni with the cluster's own scope on other data; ends it to heal.",
  params,
  targets: 'nodes',
  effects: { servers: 'none', canBeRefused: true },
  needs: () => ['secondCluster'],

  async inject(targets, _params, { id, undo }) {
    for (const { name } of targets) undo({ do: 'endSecondCluster', node: name, tag: id });
    const members = await allDone(
      targets.map(async (node) => {
        const name = `${node.name}-second`;
        return { node: node.name, name, became: await controlOf(node).start(id, name) };
      }),
    );
    const refused = members.flatMap(({ node, became }) =>
      'ended' in became ? [`on ${node} it ended: ${became.ended}`] : [],
    );
    if (refused.length > 0) {
      throw new NotCarriedOut(`the Patroni of the second cluster: ${refused.join('; ')}`);
    }
    return {
      joined: Object.fromEntries(
        members.map(({ name, became }) => [name, 'role' in became ? became.role : '']),
      ),
    };
  },

  async lapsed(targets, _params, { id }) {
    const where = await nodesWhere(targets, async (node) => !(await controlOf(node).isRunning(id)));
    return where && `the Patroni of the second cluster on ${where} has ended`;
  },
};
export default secondCluster;

function controlOf(node: Machine) {
  return node.secondCluster ?? lacks(node, 'second cluster of the same scope');
}
