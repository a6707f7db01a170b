import { expect, test } from 'vitest';
import { describeCluster } from '../../../../src/backends/external/describe.ts';
import type { FaultStep } from '../../../../src/contracts/scenario.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { capabilitiesAt } from '../../../../src/scenario/plan/needed-capabilities.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';

const registry = await loadRegistry();
const shell = ['ssh', 'db'];
const nodes = Object.fromEntries(
  ['db1', 'db2', 'db3'].map((name) => [name, { host: name, shell, patroni: 'https://db:8008' }]),
);
const asWritten = { consent: ['network'], credentials: { user: 'app' }, nodes };

/** The planner's refusals of one fault on a cluster with this file. */
function refusals(fault: string, file: object = asWritten): string[] {
  const text = `name: x
claim: It holds.
load: { duration: 30s, routes: { app: { via: haproxy, clients: 4 } } }
faults: [{ at: 1s, ${fault} }]
expect: { lost: 0 }
`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  const routes = { app: { host: 'lb' } };
  const { params, ...described } = describeCluster({ ...asWritten, routes, ...file }, '/');
  const cluster = { ...scenario.cluster, ...described, own: { backend: 'external', params } };
  try {
    planScenario({ ...scenario, cluster }, { seed: 1, backend: 'external', registry });
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

const noDcs =
  'x.yaml:4:27: faults[0].fault: its packet rules name the DCS, and the cluster file names none of its members; add dcs: [HOST:PORT]';
const cutsDcs = [
  'fault: partition, target: leader, from: dcs',
  'fault: partition, target: leader, from: [peers, dcs]',
  'fault: partition, target: leader, from: peers, service: dcs',
  'fault: partition, target: leader, split: halves',
  'fault: partition, target: leader, split: [[target, dcs], [others]]',
  'fault: reject, target: leader, from: dcs',
  'fault: packet-loss, target: leader, from: dcs, loss: 20%',
];

test.each(cutsDcs)('%s is refused where the file names no member of the DCS', (fault) => {
  expect(refusals(fault)).toEqual([noDcs]);
  expect(refusals(fault, { dcs: ['etcd1:2379'] })).toEqual([]);
});

test.each([
  'fault: partition, target: leader, from: all',
  'fault: partition, target: leader, split: halves, service: postgres',
])('%s needs none of them', (fault) => {
  expect(refusals(fault)).toEqual([]);
});

const proxies = { lb1: { host: 'lb1', shell: ['ssh', 'lb1'] } };
const hintProxies =
  'the cluster file names no machine of theirs; add proxies: { NAME: { host: ..., shell: [...] } }';

test('a cut from proxies is refused where the file names no machine of theirs', () => {
  const cut = 'fault: partition, target: leader, from: proxies';
  expect(refusals(cut)).toEqual([
    `x.yaml:4:27: faults[0].fault: its packet rules name proxies, and ${hintProxies}`,
  ]);
  expect(refusals(cut, { proxies })).toEqual([]);
});

test.each([
  'fault: partition, target: lb1, from: peers',
  'fault: packet-loss, target: proxies, loss: 20%',
  'fault: reject, target: lb1, from: db2',
])('%s meets the packets of a machine that the file names', (fault) => {
  expect(refusals(fault, { proxies })).toEqual([]);
});

test.each([
  ['fault: latency, target: proxies, delay: 10ms', {}, `faults[0].target: ${hintProxies}`],
  ['fault: partition, target: lb1', {}, "faults[0].target: unknown target 'lb1'"],
  [
    'fault: kill-node, target: lb1',
    { proxies, consent: ['process'] },
    "faults[0].target: 'lb1' is of proxies, and kill-node as it is written acts on nodes",
  ],
  [
    'fault: partition, target: lb1, split: [[target], [others]]',
    { proxies },
    "faults[0].target: 'lb1' is of proxies, and partition as it is written acts on nodes",
  ],
  [
    'fault: partition, target: not lb1',
    { proxies },
    "faults[0].target: 'not lb1': proxies are no nodes; name the nodes instead",
  ],
])('%s is refused: %j', (fault, more, message) => {
  const consent = ['network', 'shaping'];
  expect(refusals(fault, { consent, ...more }).join('\n')).toContain(message);
});

const cutLb1 = 'id: cut, fault: partition, target: lb1, from: peers }, { at: 2s';

test.each([
  [
    'fault: kill-node, target: targets of cut',
    "faults[1].target: 'targets of cut' is of proxies, and kill-node as it is written acts on nodes",
  ],
  [
    'id: again, fault: latency, target: targets of cut, delay: 1ms }, { at: 3s, fault: freeze-node, target: targets of again',
    "faults[2].target: 'targets of again' is of proxies, and freeze-node as it is written acts on nodes",
  ],
  [
    'fault: partition, target: not targets of cut',
    "faults[1].target: 'not lb1': proxies are no nodes; name the nodes instead",
  ],
  [
    'fault: partition, target: leader, when: targets of cut streaming within 5s',
    "faults[1].when: only a node streams, and 'targets of cut' is of proxies",
  ],
])('after a cut of a proxy, %s is refused', (fault, message) => {
  const consent = ['network', 'shaping', 'process'];
  expect(refusals(`${cutLb1}, ${fault}`, { consent, proxies }).join('\n')).toContain(message);
});

test('packets of a proxy may be met again as the targets of an earlier cut', () => {
  const again = 'fault: reject, target: targets of cut, from: db2';
  expect(refusals(`${cutLb1}, ${again}`, { proxies })).toEqual([]);
});

test('a fault on the targets of a cut of a proxy needs its controls there', () => {
  const step = (id: string, fault: string, target: string) => ({ id, fault, target, params: {} });
  const steps = [
    step('cut', 'partition', 'lb1'),
    step('slow', 'latency', 'targets of cut'),
    step('kill', 'kill-node', 'leader'),
  ] as unknown as readonly FaultStep[];
  const at = (proxy: string) => capabilitiesAt(proxy, { faults: steps }, registry.faults);
  expect([at('lb1'), at('lb2')]).toEqual([['network', 'shaping'], []]);
});

test('names are left to the cluster file, which is read later, where a scenario has other problems', () => {
  const text = `name: x
claim: It holds.
load: { duration: 30s, routes: { app: { via: haproxy, clients: 4 } } }
faults: [{ at: 1s, fault: partition, target: lb1, from: db2 }, { at: 1s, fault: kill-node, target: db1 }]
expect: { loss: 0 }
`;
  expect(() => parseScenario(text, { file: 'x.yaml', registry, backend: 'external' })).toThrow(
    /^x\.yaml:5:11: expect: there is no check 'loss'.*$/,
  );
});
