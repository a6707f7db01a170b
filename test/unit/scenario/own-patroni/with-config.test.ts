import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { knownSecrets } from '../../../../src/evidence/bundle/scrub/known.ts';
import { unknownContents } from '../../../../src/scenario/own-patroni/contents.ts';
import { bootConfig } from '../../../../src/scenario/own-patroni/settle.ts';
import { refreshed } from '../../../../src/scenario/own-patroni/with-config.ts';
import { describeConfig } from '../../../../src/scenario/plan/describe-config.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { readScenarioFile } from '../../../../src/scenario/read.ts';
import { scenarioRegistry, scenarioText } from '../../../helpers/scenario-registry.ts';

const local = scenarioRegistry.backends.get('local')!;
const anyCheck = scenarioRegistry.checks.get('lost')!;
const contents = () => Promise.resolve(unknownContents('trust'));
const registry = {
  ...scenarioRegistry,
  backends: new Map([
    ...scenarioRegistry.backends,
    ['local', { ...local, ownPatroni: contents }] as const,
  ]),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'own-patroni-'));
});
afterEach(() => rm(folder, { recursive: true }));

const patroniYml = `scope: shop
bootstrap:
  dcs:
    ttl: 40
    loop_wait: 5
    synchronous_mode: true
    postgresql: { parameters: { work_mem: 4MB, archive_command: 'cd .' } }
postgresql:
  authentication: { replication: { username: standby, password: correct-horse } }
  parameters: { log_min_duration_statement: 1s, statement_timeout: 30s }
tags: { nosync: false }
`;

async function read(cluster: string, config = patroniYml, backend = 'local') {
  await writeFile(path.join(folder, 'patroni.yml'), config);
  const file = path.join(folder, 'x.yaml');
  await writeFile(file, scenarioText(`cluster: ${cluster}\n`));
  return readScenarioFile(file, { registry, backend });
}

test("the file's values are the cluster's, and the scenario's own go before them, which is listed", async () => {
  const { cluster } = await read(
    '{ config: ./patroni.yml, patroni: { ttl: 20 }, parameters: { work_mem: 8MB, statement_timeout: 10s } }',
  );
  expect(cluster).toMatchObject({ patroni: { ttl: 20, loop_wait: 5 }, synchronous: 'on' });
  expect(cluster.config?.read?.parameters).toEqual({ log_min_duration_statement: '1s' });
  const overridden = cluster.config?.read?.replaced.filter(({ why }) => why.includes('scenario'));
  expect(overridden?.map(({ key, given, instead }) => [key, given, instead])).toEqual([
    ['bootstrap.dcs.ttl', '40', '20'],
    ['bootstrap.dcs.postgresql.parameters.work_mem', '4MB', '8MB'],
    ['postgresql.parameters.statement_timeout', '30s', '10s'],
  ]);
});

test('cluster.synchronous goes before synchronous_mode of the file', async () => {
  const { cluster } = await read('{ config: patroni.yml, synchronous: off }');
  expect(cluster.synchronous).toBe('off');
});

test('no secret of the file is in the plan, and a bundle knows it', async () => {
  const scenario = await read('{ config: ./patroni.yml }');
  const plan = JSON.stringify(planScenario(scenario, { seed: 1, backend: 'local', registry }));
  expect(plan).toContain('standby');
  expect(plan).not.toContain('correct-horse');
  await writeFile(path.join(folder, 'plan.json'), plan);
  expect(await knownSecrets(folder, {})).toContain('correct-horse');
});

test('a boot reads the file again, with its secrets, and what single members are told goes before it', async () => {
  const { cluster } = await read(
    '{ config: ./patroni.yml, members: { pg2: { tags: { nofailover: true }, parameters: { work_mem: 1MB } } } }',
  );
  const nodes = ['pg1', 'pg2'];
  const own = await bootConfig(cluster, { nodes, contents });
  expect(own.fitted?.authentication).toEqual({
    replication: { username: 'standby', password: 'correct-horse' },
  });
  expect(own.memberOf('pg2')).toEqual({
    tags: { nosync: false, nofailover: true },
    parameters: { log_min_duration_statement: '1s', statement_timeout: '30s', work_mem: '1MB' },
  });
  expect(own.memberOf('pg1').tags).toEqual({ nosync: false });
  expect(own).toMatchObject({ hasChanged: false, asked: { roles: ['standby'] } });
});

test('a plan that is run again says that the file has changed, and takes it as it is now', async () => {
  const { cluster } = await read('{ config: ./patroni.yml, patroni: { ttl: 20 } }');
  const backend = registry.backends.get('local');
  expect(await refreshed(cluster, backend)).toEqual({ cluster, hasChanged: false });
  await writeFile(
    path.join(folder, 'patroni.yml'),
    patroniYml.replace('loop_wait: 5', 'loop_wait: 7'),
  );
  const now = await refreshed(cluster, backend);
  expect(now).toMatchObject({ hasChanged: true, cluster: { patroni: { ttl: 20, loop_wait: 7 } } });
});

test('the list in the documentation is what the example of it prints', async () => {
  const docs = path.resolve(import.meta.dirname, '../../../../docs');
  const example = path.join(docs, 'examples/own-patroni/own-patroni.yaml');
  const text = await readFile(example, 'utf8');
  await writeFile(path.join(folder, 'x.yaml'), text.replace(/^faults:.*$/m, ''));
  await copyFile(path.join(path.dirname(example), 'patroni.yml'), path.join(folder, 'patroni.yml'));
  const { cluster } = await readScenarioFile(path.join(folder, 'x.yaml'), {
    registry: { ...registry, checks: new Map([...registry.checks, ['failovers', anyCheck]]) },
  });
  const page = await readFile(path.join(docs, 'own-patroni.md'), 'utf8');
  const listed = page.split('\n').filter((line) => line.startsWith('  patroni.yml'));
  const [, ...printed] = describeConfig(cluster);
  expect(listed).toEqual(printed);
});

test.each([
  ['a file that is not there', '{ config: ./patroni.yaml }', patroniYml, 'ENOENT'],
  [
    'no YAML',
    '{ config: ./patroni.yml }',
    'postgresql: { listen: [',
    'patroni.yml:1:24: not valid YAML',
  ],
  [
    'another kind of file',
    '{ config: ./patroni.yml }',
    'services: {}',
    'is no file of a Patroni member',
  ],
  [
    'a wrong value',
    '{ config: ./patroni.yml }',
    'bootstrap:\n  dcs: { ttl: x }',
    'patroni.yml:2:15: bootstrap.dcs.ttl: must be',
  ],
])('%s: is refused with file, line and column', async (_what, cluster, config, expected) => {
  await expect(read(cluster, config)).rejects.toThrow(expected);
});

test.each([
  ['{ config: ./patroni.yml }', 'external', 'cluster.config: backend external makes no lab'],
  [
    '{ members: { pg9: { tags: { nofailover: true } } } }',
    'local',
    "cluster.members.pg9: there is no node 'pg9'",
  ],
])('%s on %s is refused in planning', async (cluster, backend, expected) => {
  const scenario = await read(cluster, patroniYml, backend);
  expect(() => planScenario(scenario, { seed: 1, backend, registry })).toThrow(expected);
});

test('a parameter that Patroni would ignore in the file of one member is refused', async () => {
  await expect(
    read('{ members: { pg2: { parameters: { max_connections: 50 } } } }'),
  ).rejects.toThrow(
    'cluster.members.pg2.parameters.max_connections: must be the same on every member',
  );
});
