import { expect, test } from 'vitest';
import { labsFolder } from '../../../../src/backends/local/record.ts';
import { findLab } from '../../../../src/commands/support/find-cluster.ts';
import { liveClusterOf } from '../../../../src/commands/support/live-cluster.ts';
import type { ClusterBackend, LiveCluster } from '../../../../src/contracts/backend.ts';
import { EnvironmentError } from '../../../../src/std/errors.ts';
import { scenarioRegistry } from '../../../helpers/scenario-registry.ts';

const usual = scenarioRegistry.backends.get('local')!;

function up(backend: string, ...ids: readonly string[]): readonly [string, ClusterBackend] {
  const enter = (node: string, argv: readonly string[]) => [backend, node, ...argv];
  const live = ids.map((id): LiveCluster => ({
    id,
    backend,
    record: { backend: 'local' },
    enter,
    psql: (node) => enter(node, ['psql']),
  }));
  return [backend, { ...usual, live: () => Promise.resolve(live) }];
}

function left(...ids: readonly string[]): readonly [string, ClusterBackend] {
  const [name, backend] = up('docker', ...ids);
  const live = async () =>
    ((await backend.live?.()) ?? []).map((one) => ({ ...one, isLeftover: true }));
  return [name, { ...usual, live }];
}

const silent: readonly [string, ClusterBackend] = [
  'docker',
  { ...usual, live: () => Promise.reject(new EnvironmentError('no engine answers')) },
];

test('the only cluster that is up is found on any backend, even if another backend does not answer', async () => {
  const alone = await liveClusterOf(undefined, new Map([up('local'), up('docker', 'a')]));
  const named = await liveClusterOf('b', new Map([up('local', 'b', 'c'), up('docker', 'a')]));
  const beside = await liveClusterOf(undefined, new Map([up('local', 'b'), silent]));
  expect([alone.psql('pg1'), named.id, beside.id]).toEqual([['docker', 'pg1', 'psql'], 'b', 'b']);
});

test('no cluster, several clusters and an unknown one are refused with the list of clusters', async () => {
  const several = new Map([up('local', 'b'), up('docker', 'a')]);
  const refusal = (id: string | undefined, backends: Map<string, ClusterBackend>) =>
    liveClusterOf(id, backends).then(
      () => 'found',
      (error: unknown) => (error as EnvironmentError).message,
    );
  expect([
    await refusal(undefined, several),
    await refusal('z', several),
    await refusal(undefined, new Map([up('local'), silent])),
  ]).toEqual([
    'several labs are up: name one with --lab. Up: b (local), a (docker)',
    'no lab is called z. Up: b (local), a (docker)',
    `no lab is up (local ones: ${labsFolder()}). \`forkpoint lab\` boots one; \`run --keep\` holds one.\n(docker: no engine answers)`,
  ]);
});

test('a lab that a command takes without its id is the only one that is up, and several are named', async () => {
  const attach = () => Promise.reject(new EnvironmentError('not asked here'));
  const registry = (...ids: readonly string[]) => {
    const [name, backend] = up('local', ...ids);
    return { backends: new Map([[name, { ...backend, attach }]]) };
  };
  const found = await findLab(undefined, registry('b'));
  expect(found.backend).toBe('local');
  await expect(findLab(undefined, registry('b', 'c'))).rejects.toThrow(
    'several labs are up: name one with --lab. Up: b (local), c (local)',
  );
});

test('what a killed run left is found by its id, and without an id if no other cluster is up', async () => {
  const both = new Map([up('local', 'held'), left('killed')]);
  const alone = new Map([up('local'), left('killed')]);
  expect([
    (await liveClusterOf('killed', both)).id,
    (await liveClusterOf(undefined, both)).id,
    (await liveClusterOf(undefined, alone)).id,
  ]).toEqual(['killed', 'held', 'killed']);
  await expect(liveClusterOf('z', both)).rejects.toThrow(
    'no lab is called z. Up: held (local), killed (docker, left by a killed run)',
  );
});

test('a cluster of another host or reports folder is entered by its id only', async () => {
  const [name, backend] = up('docker', 'theirs');
  const live = async () =>
    ((await backend.live?.()) ?? []).map((one) => ({ ...one, isOthers: true }));
  const theirs = [name, { ...usual, live }] as const;
  expect((await liveClusterOf('theirs', new Map([theirs]))).id).toBe('theirs');
  expect((await liveClusterOf(undefined, new Map([up('local', 'own'), theirs]))).id).toBe('own');
  await expect(liveClusterOf(undefined, new Map([theirs]))).rejects.toThrow(
    'only labs of others are up: name one with --lab. Up: theirs (docker, of another host or reports folder)',
  );
});
