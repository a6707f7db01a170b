import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/contracts/cluster.ts';
import type { Json } from '../../src/contracts/json.ts';
import { loadRegistry } from '../../src/registry.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { RecordingCluster } from '../helpers/recording-cluster.ts';
import { scenarioRegistry, scenarioText } from '../helpers/scenario-registry.ts';

const { faults } = await loadRegistry('');

interface Injected {
  readonly rules: readonly string[];
  readonly detail: Json;
}

/** The packet rules that a fault sets on a cluster of so many nodes. */
async function inject(
  name: string,
  params: object,
  { targets = ['pg1'], nodes = 3 }: { targets?: readonly string[]; nodes?: number } = {},
): Promise<Injected> {
  const fault = faults.get(name)!;
  const recording = new RecordingCluster(nodes);
  const parsed = fault.params.safeParse(params);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const aimedAt = recording.cluster.nodes.filter((node) => targets.includes(node.name));
  const detail = await fault.inject(aimedAt, parsed.data, recording.context('cut'));
  const rules = [...recording.state.rules].flatMap(([tag, list]) =>
    list.map(({ action, direction, peer, service, probability }) => {
      const site = peer.kind === 'clients' && peer.site !== undefined ? `@${peer.site}` : '';
      const end = peer.kind === 'node' ? peer.name : `${peer.kind}${site}`;
      const chance = probability === undefined ? '' : ` ${probability}`;
      return `${tag}: ${action}${chance} ${direction} ${end} ${service}`;
    }),
  );
  return { rules, detail };
}

/** What each node is cut off from: `pg1 | pg2 dcs`. */
function cutsOf({ rules }: Injected): readonly string[] {
  const cuts = new Map<string, string[]>();
  for (const rule of rules.filter((text) => text.includes(' in '))) {
    const [, node = '', end = ''] = /^(\S+) cut: drop in (\S+)/.exec(rule) ?? [];
    cuts.set(node, [...(cuts.get(node) ?? []), end]);
  }
  return [...cuts].map(([node, ends]) => `${node} | ${ends.join(' ')}`);
}

function issuesOf(name: string, params: object): readonly (readonly [unknown, string])[] {
  const parsed = faults.get(name)!.params.safeParse(params);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => [path[0], message]);
}

const { load } = parseScenario(scenarioText(), { file: 'x.yaml', registry: scenarioRegistry });

function problemsOf(name: string, params: object, nodes: readonly string[]): readonly string[] {
  const parsed = faults.get(name)!.params.safeParse(params);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const step = { target: 'pg1', nodes: nodes.length };
  const issues = faults.get(name)!.problems?.(parsed.data, nodes, load, step) ?? [];
  return issues.map(({ message }) => message);
}

describe('partition', () => {
  const rulesOf = async (params: object, targets: readonly string[] = ['pg1']) =>
    (await inject('partition', params, { targets })).rules;

  test('from all drops everything in both directions, including clients', async () => {
    expect(await rulesOf({})).toEqual(['pg1 cut: drop in all all', 'pg1 cut: drop out all all']);
  });

  test('from peers on one service leaves the rest of the traffic', async () => {
    expect(await rulesOf({ from: 'peers', service: 'postgres' })).toEqual([
      'pg1 cut: drop in pg2 postgres',
      'pg1 cut: drop out pg2 postgres',
      'pg1 cut: drop in pg3 postgres',
      'pg1 cut: drop out pg3 postgres',
    ]);
  });

  test('from peers leaves the targets together', async () => {
    expect(await rulesOf({ from: 'peers', direction: 'out' }, ['pg1', 'pg2'])).toEqual([
      'pg1 cut: drop out pg3 all',
      'pg2 cut: drop out pg3 all',
    ]);
  });

  test('a list combines its entries, and from the dcs blocks only its ports', async () => {
    expect(await rulesOf({ from: ['dcs', 'pg3', 'clients'], direction: 'in' })).toEqual([
      'pg1 cut: drop in dcs dcs',
      'pg1 cut: drop in pg3 all',
      'pg1 cut: drop in clients all',
    ]);
  });

  test('a partition without another side is refused, not ignored', async () => {
    await expect(rulesOf({ from: 'pg1' })).rejects.toThrow('so nothing to cut');
    await expect(rulesOf({ from: 'peers' }, ['pg1', 'pg2', 'pg3'])).rejects.toThrow(
      'so nothing to cut',
    );
    await expect(rulesOf({ from: 'pg7' })).rejects.toThrow(
      "unknown node 'pg7'; nodes: pg1, pg2, pg3",
    );
  });

  test('clients means all clients, or those of one site, which must exist', async () => {
    expect(await rulesOf({ from: 'clients@minority', direction: 'in' })).toEqual([
      'pg1 cut: drop in clients@minority all',
    ]);
    await expect(rulesOf({ from: 'clients@mars' })).rejects.toThrow(
      "unknown client site 'mars'; client sites: clients, minority",
    );
  });

  test('from the dcs and another service contradict each other', () => {
    const wrong = [['service', 'must be all or dcs when from has dcs']];
    expect(issuesOf('partition', { from: 'dcs', service: 'postgres' })).toEqual(wrong);
    const split = [['target'], ['others', 'dcs']];
    expect(issuesOf('partition', { split, service: 'postgres' })).toEqual(wrong);
  });

  test('the planner refuses peers in a cluster of one node', () => {
    expect(problemsOf('partition', { from: 'peers' }, ['pg1'])).toEqual([
      'peers: a cluster of one node has none',
    ]);
    expect(problemsOf('partition', { from: ['peers', 'dcs'] }, ['pg1'])).toEqual([]);
  });

  test('the planner refuses an unknown name', () => {
    expect(problemsOf('partition', { from: ['peers', 'peerz'] }, ['pg1', 'pg2'])).toEqual([
      "'peerz' is not all, peers, dcs, clients, proxies, a node's name such as pg2, or a list of these",
    ]);
  });
});

describe('a split', () => {
  const split = (params: object, targets: readonly string[], nodes = 3) =>
    inject('partition', params, { targets, nodes });

  test('in sides cuts every node of one side off from all of the others, and from nothing else', async () => {
    const sides = [
      ['target', 'clients'],
      ['others', 'dcs'],
    ];
    const done = await split({ split: sides }, ['pg1']);
    expect([cutsOf(done), done.detail]).toEqual([
      ['pg1 | pg2 pg3 dcs', 'pg2 | pg1 clients', 'pg3 | pg1 clients'],
      {
        sides: [
          ['pg1', 'clients'],
          ['pg2', 'pg3', 'dcs'],
        ],
        leader: 'pg1',
        leaderSide: 1,
      },
    ]);
  });

  test('in sides by name leaves an unnamed node connected to all', async () => {
    const done = await split({ split: [['pg1'], ['pg2', 'clients@minority']] }, ['pg1']);
    expect(cutsOf(done)).toEqual(['pg1 | pg2 clients@minority', 'pg2 | pg1']);
  });

  test('of one service cuts that service and leaves the DCS to all', async () => {
    const done = await split({ split: 'halves', service: 'postgres' }, ['pg1']);
    expect(done.rules.filter((rule) => rule.includes(' in '))).toEqual([
      'pg1 cut: drop in pg2 postgres',
      'pg1 cut: drop in pg3 postgres',
      'pg2 cut: drop in pg1 postgres',
      'pg3 cut: drop in pg1 postgres',
    ]);
  });

  test('in halves keeps the targets together and leaves the DCS to the larger side', async () => {
    const small = await split({ split: 'halves' }, ['pg1']);
    const large = await split({ split: 'halves' }, ['pg2', 'pg3']);
    expect([small.detail, cutsOf(small), large.detail]).toEqual([
      { sides: [['pg1'], ['pg2', 'pg3', 'dcs']], leader: 'pg1', leaderSide: 1 },
      ['pg1 | pg2 pg3 dcs', 'pg2 | pg1', 'pg3 | pg1'],
      { sides: [['pg2', 'pg3', 'dcs'], ['pg1']], leader: 'pg1', leaderSide: 2 },
    ]);
  });

  test('in equal halves draws more nodes for the targets’ side and leaves the DCS to the other side', async () => {
    const { detail } = await split({ split: 'halves' }, ['pg1'], 4);
    const { sides } = detail as { readonly sides: readonly (readonly string[])[] };
    expect([sides.map(({ length }) => length), sides[0]?.[0], sides[1]?.at(-1)]).toEqual([
      [2, 3],
      'pg1',
      'dcs',
    ]);
  });

  test('in a ring leaves each node its two neighbours, clients and the DCS', async () => {
    const all = ['pg1', 'pg2', 'pg3', 'pg4', 'pg5'];
    expect(cutsOf(await split({ split: 'ring' }, all, 5))).toEqual([
      'pg1 | pg3 pg4',
      'pg2 | pg4 pg5',
      'pg3 | pg1 pg5',
      'pg4 | pg1 pg2',
      'pg5 | pg2 pg3',
    ]);
  });

  test('that makes no sense for these nodes is refused by the planner', () => {
    const three = ['pg1', 'pg2', 'pg3'];
    expect([
      problemsOf('partition', { split: 'ring' }, three),
      problemsOf('partition', { split: 'halves' }, ['pg1']),
      problemsOf('partition', { split: [['pg1'], ['pg1', 'pg9']] }, three),
      problemsOf('partition', { split: [['clients'], ['dcs']] }, three),
      problemsOf('partition', { split: [['target', 'clients'], ['others']] }, three),
    ]).toEqual([
      ['a ring of 3 nodes cuts none off; use at least 4'],
      ['one node cannot be split'],
      [
        "'pg9' is not a node's name such as pg2, target, others, clients, clients@SITE, proxies, dcs",
        'pg1 is on two sides',
      ],
      ['no side has a node'],
      [],
    ]);
  });

  test('that makes no sense for the resolved targets injects nothing', async () => {
    await expect(split({ split: 'ring' }, ['pg1', 'pg2'], 5)).rejects.toThrow('a ring of 2');
    await expect(split({ split: [['target'], ['pg1']] }, ['pg1'])).rejects.toThrow(
      'pg1 is on two sides',
    );
    const all = ['pg1', 'pg2', 'pg3'];
    await expect(split({ split: [['target'], ['others']] }, all)).rejects.toThrow(
      'a side of the split is empty',
    );
  });

  test('takes neither from nor one direction', () => {
    expect(issuesOf('partition', { split: 'halves', from: 'peers', direction: 'in' })).toEqual([
      ['from', 'cannot be combined with split'],
      ['direction', 'must be both with split'],
    ]);
  });
});

test('packet-loss drops a random share of what partition drops', async () => {
  const { rules, detail } = await inject('packet-loss', { loss: '60%', from: 'peers' });
  expect([rules, detail]).toEqual([
    [
      'pg1 cut: drop 0.6 in pg2 all',
      'pg1 cut: drop 0.6 out pg2 all',
      'pg1 cut: drop 0.6 in pg3 all',
      'pg1 cut: drop 0.6 out pg3 all',
    ],
    { nodes: ['pg1'], rulesPerNode: [4], lossPercent: 60 },
  ]);
});

test('reject answers the packets that partition drops', async () => {
  const { rules } = await inject('reject', { service: 'postgres', direction: 'in' });
  expect(rules).toEqual(['pg1 cut: reject in all postgres']);
});

test('a packet loss without unit, of 0% or above 100% is refused', () => {
  expect(['60', '0%', '101%'].map((loss) => issuesOf('packet-loss', { loss }))).toEqual([
    [['loss', '60 needs a unit: 60%']],
    [['loss', 'must be above 0%']],
    [['loss', "'101%' exceeds the limit of 100%"]],
  ]);
});

describe('shaping', () => {
  async function shapesOf(name: string, params: object) {
    const recording = new RecordingCluster();
    const fault = faults.get(name)!;
    const parsed = fault.params.safeParse(params);
    if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
    const targets = recording.cluster.nodes.slice(0, 1);
    const detail = await fault.inject(targets, parsed.data, recording.context('slow'));
    return { log: recording.log.filter((entry) => entry.startsWith('pg1')), detail };
  }

  test('latency delays packets, and the events record the means', async () => {
    expect(await shapesOf('latency', { delay: '40ms', jitter: '10ms' })).toEqual({
      log: ['pg1: shape {"delayMs":40,"jitterMs":10}'],
      detail: { delayMs: 40, jitterMs: 10, means: { pg1: 'tbf' } },
    });
  });

  test('bandwidth counts bytes with B and bits with bit', async () => {
    const limits = await Promise.all(
      ['1MB/s', '8Mbit/s'].map((limit) => shapesOf('bandwidth', { limit })),
    );
    expect(limits.map(({ log }) => log)).toEqual([
      ['pg1: shape {"bytesPerSecond":1048576}'],
      ['pg1: shape {"bytesPerSecond":1000000}'],
    ]);
  });

  test('a packet cannot arrive before it was sent', () => {
    expect(issuesOf('latency', { delay: '10ms', jitter: '20ms' })).toEqual([
      ['jitter', 'must not be above delay: a packet cannot arrive before it was sent'],
    ]);
  });
});

test('a cut of the only proxy from the proxies names no peer but itself', async () => {
  const recording = new RecordingCluster();
  const { cluster } = recording;
  const context = recording.context('cut');
  const network = cluster.nodes[0]!.network!;
  const [one, other] = ['haproxy1', 'haproxy2'].map((name) => ({ name, network }));
  const cut = (proxies: readonly Machine[], from: readonly string[]) => {
    const fault = faults.get('partition')!;
    const parsed = fault.params.safeParse({ from });
    if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
    return fault.inject([one!], parsed.data, { ...context, cluster: { ...cluster, proxies } });
  };
  await expect(cut([one!], ['proxies'])).rejects.toThrow(
    'haproxy1: from names no peer but the node itself, so nothing to cut',
  );
  expect(await cut([one!], ['proxies', 'clients'])).toMatchObject({ rulesPerNode: [2] });
  expect(await cut([one!, other!], ['proxies'])).toMatchObject({ rulesPerNode: [2] });
});
