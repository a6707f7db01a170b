import { expect, test } from 'vitest';
import { requirePostgres } from '../../../src/pg/require-postgres.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import {
  leastPostgres,
  neededCapabilities,
} from '../../../src/scenario/plan/needed-capabilities.ts';

const registry = await loadRegistry('');

interface Parts {
  readonly downstream?: string;
  readonly cluster?: string;
  readonly load?: string;
  readonly faults?: string;
  readonly expect?: string;
  readonly backend?: string;
  readonly isRoot?: boolean;
}

function planned({
  downstream = 'downstream: { feed: {} }',
  cluster = '{ parameters: { wal_level: logical } }',
  load = '{ duration: 30s }',
  faults = '[]',
  expect: demands = '{ lost: 0 }',
  backend = 'local',
  isRoot = true,
}: Parts) {
  const text = `name: x\nclaim: It holds.\ncluster: ${cluster}\nload: ${load}\n${downstream}\nfaults: ${faults}\nexpect: ${demands}\n`;
  const scenario = parseScenario(text, { file: 'x.yaml', registry, backend });
  return planScenario(scenario, { seed: 1, backend, registry, user: { isRoot } });
}

test('a consumer has a slot of its own name, and the cluster needs a sink', () => {
  const { scenario } = planned({});
  expect(scenario.downstream).toEqual([{ name: 'feed', consumer: 'cdc', slot: 'forkpoint_feed' }]);
  expect(neededCapabilities(scenario, registry.faults)).toContain('sink');
});

test('a consumer that writes to a file needs no sink of the cluster', () => {
  const { scenario } = planned({ downstream: 'downstream: { feed: { sink: file } }' });
  expect(scenario.downstream).toEqual([
    { name: 'feed', consumer: 'cdc', slot: 'forkpoint_feed', writesTo: 'file' },
  ]);
  expect(neededCapabilities(scenario, registry.faults)).not.toContain('sink');
});

test('a failover slot needs PostgreSQL 17, and an older one is refused by name', () => {
  const { scenario } = planned({ downstream: 'downstream: { feed: { failover: true } }' });
  expect(scenario.downstream).toEqual([
    { name: 'feed', consumer: 'cdc', slot: 'forkpoint_feed', failover: true },
  ]);
  const least = leastPostgres(scenario);
  expect(() => requirePostgres('17.0', least)).not.toThrow();
  expect(() => requirePostgres('15.18', least)).toThrow(
    'downstream.feed.failover: needs PostgreSQL 17 or later, and this cluster has 15.18',
  );
  expect(leastPostgres(planned({}).scenario)).toBeUndefined();
});

test('a cut from the source needs a container of the consumers, which only root can enter on docker', () => {
  const faults = '[{ at: 5s, fault: cut-source, for: 2s }]';
  const by = (isRoot: boolean) => () => planned({ backend: 'docker', faults, isRoot });
  expect(by(true)).not.toThrow();
  expect(by(false)).toThrow(
    'faults[0].fault: backend docker gives no control over consumers: only root',
  );
});

test("a sink of one's own needs neither slot, sink nor wal_level of the cluster", () => {
  const { scenario } = planned({
    downstream:
      "downstream: { etl: { sink: { dsn: 'host=dw dbname=x', query: 'SELECT writer, seq FROM {table}' } } }",
    cluster: '{ nodes: 3 }',
    backend: 'docker',
  });
  expect(scenario.downstream).toMatchObject([{ name: 'etl', consumer: 'own' }]);
  expect(scenario.downstream?.[0]).not.toHaveProperty('slot');
  expect(neededCapabilities(scenario, registry.faults)).not.toContain('sink');
});

const own = (more: string) => `downstream: { etl: { ${more} } }`;
const sink = "sink: { dsn: 'host=dw', query: 'SELECT 1' }";

test.each([
  [{ downstream: own('consumer: own') }, 'downstream.etl.sink: is needed'],
  [
    { downstream: own(`consumer: cdc, ${sink}`) },
    'is of consumer own; cdc writes to the sink of the lab',
  ],
  [
    { downstream: own('consumer: subscription, command: [x]') },
    'a subscription is the work of its sink',
  ],
  [
    { downstream: own("sink: { dsn: 'postgres://u:secret@dw/x', query: 'SELECT 1' }") },
    'must not have a password: put it in a password file',
  ],
  [
    { downstream: own("sink: { dsn: 'hots=dw', query: 'SELECT 1' }") },
    "'hots' is no connection parameter; did you mean 'host'?",
  ],
  [
    { downstream: own(sink), faults: '[{ at: 5s, fault: kill-consumer, consumer: etl }]' },
    'consumer etl is not started by Forkpoint; say how (command)',
  ],
  [
    { downstream: own(sink), faults: '[{ at: 5s, fault: drop-slot, consumer: etl }]' },
    'no slot of consumer etl is known; say which (slot)',
  ],
  [
    {
      downstream: own('consumer: subscription'),
      faults: '[{ at: 5s, fault: freeze-consumer, consumer: etl }]',
    },
    'use kill-sink or freeze-sink',
  ],
  [{ downstream: own('consumer: own, sink: file') }, 'is a file of consumer cdc alone'],
  [{ downstream: own('consumer: subscription, sink: file') }, 'is a file of consumer cdc alone'],
  [
    { downstream: own('sink: file'), faults: '[{ at: 5s, fault: kill-sink, for: 2s }]' },
    'kill-sink is of the sink of the lab and who writes to it, and no consumer does',
  ],
  [{ downstream: own('sink: lines') }, 'downstream.etl.sink'],
  [{ downstream: own("sink: { dsn: 'host=dw' }") }, 'downstream.etl.sink.query'],
  [{ downstream: 'downstream: {}' }, 'downstream: names no consumer'],
  [{ downstream: 'downstream: { feed: { slott: x } }' }, "did you mean 'slot'?"],
  [{ downstream: 'downstream: { feed: { consumer: kafka } }' }, 'downstream.feed.consumer'],
  [{ downstream: 'downstream: { Feed: {} }' }, 'must be a name of lower-case letters'],
  [{ downstream: 'downstream: { a: { slot: s }, b: { slot: s } }' }, 'is the slot of a, too'],
  [{ cluster: '{ nodes: 3 }' }, 'downstream: needs wal_level logical, and it is replica here'],
  [
    { downstream: own(sink), load: '{ duration: 30s, mix: { insert: 90, update: 10 } }' },
    'downstream.etl: reads a sink by the keys of its rows, which show inserts alone',
  ],
  [
    {
      downstream: own(sink),
      load: '{ duration: 30s, groups: { a: { clients: 4 }, b: { clients: 4, workload: records } } }',
    },
    'downstream.etl: reads the rows of one table ({table})',
  ],
  [
    {
      load: '{ duration: 30s, groups: { a: { clients: 4 }, b: { clients: 4, workload: records, unlogged: true } } }',
    },
    'a table of this load is unlogged',
  ],
  [
    { backend: 'docker', cluster: '{ topology: single, parameters: { wal_level: logical } }' },
    'backend docker starts no sink for consumers: a single server is booted without a network',
  ],
  [
    { downstream: own(`${sink}, failover: true`) },
    'downstream.etl.failover: is of slots that Forkpoint makes, and that of consumer own is yours',
  ],
  [
    {
      downstream: 'downstream: { feed: { slot: s, failover: true } }',
      cluster:
        '{ patroni: { slots: { s: { type: logical, database: postgres, plugin: pgoutput } } }, parameters: { wal_level: logical } }',
    },
    'downstream.feed.failover: Patroni makes s (cluster.patroni.slots), and not as a failover slot',
  ],
  [
    { faults: '[{ at: 5s, fault: kill-consumer, consumer: fed }]' },
    "there is no consumer 'fed'; did you mean 'feed'?",
  ],
  [
    { downstream: '', faults: '[{ at: 5s, fault: stop-consumer, consumer: feed }]' },
    "there is no consumer 'feed'; the scenario has no downstream",
  ],
  [{ downstream: '', expect: '{ delivered: all }' }, 'expect.delivered: judges consumers'],
  [
    {
      downstream: '',
      faults: '[{ at: 5s, when: delivered within 5s, fault: kill-node, target: leader }]',
    },
    'faults[0].when: waits for consumers, and the scenario has no downstream',
  ],
] as const)('%j is refused: %s', (parts: Parts, said) => {
  expect(() => planned(parts)).toThrow(said);
});
