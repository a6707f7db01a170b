import { z } from 'zod';
import type { Node, Peer, Rule, Service } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError, lacks } from '../src/errors.ts';
import { allDone } from '../src/wait.ts';

const groups = ['all', 'peers', 'dcs', 'clients'] as const;
const farEnds = `${groups.join(', ')}, a node's name such as pg2, or a list of these`;
const far = z.union([z.enum(groups), z.string().regex(/^[a-z][a-z0-9-]*$/)]);

const params = z
  .strictObject({
    /**
     * The other side of the cut. `all`: everything, clients and other targets included. `peers`: every node that
     * is not a target. `dcs`: the DCS, wherever it runs. `clients`: the load. Or nodes by name. Lists add up:
     * `[peers, dcs]` leaves only the clients.
     */
    from: z.union([far, z.array(far).min(1)], { error: `must be ${farEnds}` }).default('all'),
    /** Only traffic of this service, whichever end offers it. */
    service: z.enum(['all', 'postgres', 'patroni', 'dcs']).default('all'),
    /** As seen from the target: what comes in, what goes out, or both. */
    direction: z.enum(['both', 'in', 'out']).default('both'),
  })
  .refine(
    ({ from, service }) => !listOf(from).includes('dcs') || ['all', 'dcs'].includes(service),
    {
      path: ['service'],
      message: 'must be all or dcs when the cut is from the dcs',
    },
  );

type Params = z.infer<typeof params>;

/** Rules drop silently: sockets stay open and hang, as with a pulled cable or a dead switch. */
const partition: Fault<Params> = {
  summary: 'Drops packets between its targets and the rest, silently, in both directions or one.',
  params,
  targets: 'nodes',
  needs: () => ['network'],

  problems: ({ from }, nodeNames) =>
    listOf(from)
      .filter((word) => !(groups as readonly string[]).includes(word) && !nodeNames.includes(word))
      .map((word) => ({ path: ['from'], message: `'${word}' is not ${farEnds}` })),

  async inject(targets, wanted, { cluster, undo, id }) {
    const cuts = targets.map((node) => ({
      network: node.network ?? lacks(node, 'network'),
      rules: rulesFor(node, { targets, nodes: cluster.nodes }, wanted),
    }));
    for (const { name } of targets) undo({ do: 'clearRules', node: name, tag: id });
    // One atomic step per node: rules that come one by one leave moments with only one direction cut.
    await allDone(cuts.map(({ network, rules }) => network.apply(id, rules)));
    return {
      nodes: targets.map(({ name }) => name),
      rulesPerNode: cuts.map((cut) => cut.rules.length),
    };
  },
};
export default partition;

interface Sides {
  readonly targets: readonly Node[];
  readonly nodes: readonly Node[];
}

function rulesFor(node: Node, sides: Sides, wanted: Params): readonly Rule[] {
  const ends = listOf(wanted.from).flatMap((word) => peersOf(word, node, sides));
  if (ends.length === 0) {
    throw new ClusterError(
      `${node.name}: nothing is left to cut it from; its own name, or no peer`,
    );
  }
  const directions = wanted.direction === 'both' ? (['in', 'out'] as const) : [wanted.direction];
  return ends.flatMap((peer) =>
    directions.map((direction): Rule => {
      return { action: 'drop', direction, peer, service: serviceOf(peer, wanted.service) };
    }),
  );
}

function peersOf(word: string, node: Node, { targets, nodes }: Sides): readonly Peer[] {
  if (word === 'all' || word === 'dcs' || word === 'clients') return [{ kind: word }];
  if (word === 'peers') {
    const outside = nodes.filter((other) => !targets.includes(other));
    return outside.map(({ name }) => ({ kind: 'node', name }));
  }
  if (!nodes.some(({ name }) => name === word)) {
    throw new ClusterError(
      `no node is called ${word}: ${nodes.map(({ name }) => name).join(', ')}`,
    );
  }
  return word === node.name ? [] : [{ kind: 'node', name: word }];
}

/** DCS members may live on the nodes' own addresses, so a cut from the DCS is a cut of its ports. */
function serviceOf(peer: Peer, service: Service): Service {
  return peer.kind === 'dcs' ? 'dcs' : service;
}

function listOf(from: string | readonly string[]): readonly string[] {
  return typeof from === 'string' ? [from] : from;
}
