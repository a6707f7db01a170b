import { expect, test } from 'vitest';
import type { Node } from '../../../src/contracts/cluster.ts';
import type { MachineFinding } from '../../../src/contracts/finding.ts';
import { requireControls } from '../../../src/run/require-controls.ts';
import { EnvironmentError } from '../../../src/std/errors.ts';

const address = { host: '127.0.0.1', port: 1 };
const network = {
  apply: () => Promise.resolve(),
  clear: () => Promise.resolve(),
  holds: () => Promise.resolve(false),
  connections: () => Promise.resolve([]),
  reset: () => Promise.resolve([]),
};

function nodeOf(name: string, over: Partial<Node> = {}): Node {
  return { name, endpoint: address, observer: address, network, ...over };
}

const noIptables: MachineFinding = {
  name: 'iptables',
  isMissing: true,
  detail: 'not found on PATH',
  remedy: 'apt-get install iptables',
  neededBy: ['network'],
};

test('a run is accepted if its controls exist and their machines have what they need', async () => {
  const nodes = [
    nodeOf('a', { probe: () => Promise.resolve([{ ...noIptables, isMissing: false }]) }),
  ];
  await requireControls({ id: 'x', nodes }, ['network']);
});

test('a missing control is named with the node and what its machine lacks', async () => {
  const nodes = [nodeOf('a'), nodeOf('b', { probe: () => Promise.resolve([noIptables]) })];
  const refused = requireControls({ id: 'x', nodes }, ['clock', 'dcs', 'network']);
  await expect(refused).rejects.toThrow(
    new EnvironmentError(
      [
        'this cluster cannot run the scenario:',
        'cluster x: no control over dcs',
        'a: no control over clock: it was not booted with it',
        'b: no control over clock: it was not booted with it',
        'b: no control over network: iptables: not found on PATH (apt-get install iptables)',
      ].join('\n'),
    ),
  );
});

test('a proxy that is a target must have what the faults on it need, and no other proxy', async () => {
  const proxies = [{ name: 'lb1' }, { name: 'lb2' }];
  const ofProxy = (name: string) => (name === 'lb1' ? (['network'] as const) : []);
  const cluster = { id: 'x', nodes: [nodeOf('a')], proxies };
  const refused = requireControls(cluster, ['network'], { needsOf: ofProxy });
  await expect(refused).rejects.toThrow(
    /^[^\n]*:\nlb1: no control over network: it was not booted with it$/,
  );
});

test('what a fault needs of a control, and this machine has not, is named before the run', async () => {
  const delays = {
    name: 'delays',
    isMissing: false,
    isAbsent: true as const,
    detail: 'netem: unknown kind',
    remedy: 'as root: modprobe sch_netem',
    neededBy: [] as const,
  };
  const nodes = [nodeOf('a', { probe: () => Promise.resolve([delays]) })];
  await requireControls({ id: 'x', nodes }, ['network']);
  const refused = requireControls({ id: 'x', nodes }, ['network'], { findings: ['delays'] });
  await expect(refused).rejects.toThrow(
    'a: no delays: netem: unknown kind (as root: modprobe sch_netem)',
  );
});

test('a node is not probed if no fault needs a control of a node', async () => {
  const probe = () => Promise.reject(new Error('probed'));
  await requireControls({ id: 'x', nodes: [nodeOf('a', { probe })] }, []);
});
