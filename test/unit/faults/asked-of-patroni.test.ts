import { expect, test } from 'vitest';
import restartPostgres from '../../../faults/restart-postgres.ts';
import switchover from '../../../faults/switchover.ts';
import type { Cluster, PatroniControl, Topology } from '../../../src/contracts/cluster.ts';
import { ClusterError, NotCarriedOut, PatroniAnswer } from '../../../src/std/errors.ts';
import { fakeCluster, topologyOf } from '../../helpers/fake-cluster.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const answer = (status: number, text: string) => new PatroniAnswer(text, status);
const context = new RecordingCluster().context('step');

function clusterWith(patroni: Partial<PatroniControl>, ...script: readonly Topology[]): Cluster {
  return { ...fakeCluster(...script), patroni: patroni as PatroniControl };
}

const stopping = topologyOf({ members: { pg1: { role: 'down', state: 'stopping' } } });
const promoted = topologyOf({
  leader: 'pg2',
  members: { pg1: { role: 'down' }, pg2: { role: 'primary', timeline: 2 } },
});

test.each([
  [503, 'Switchover status unknown'],
  [503, 'Switchover failed'],
  [0, 'no answer in 120000 ms'],
])(
  'a switchover that Patroni answers with %d %s is watched until another node leads',
  async (...said) => {
    const patroni = { switchover: () => Promise.reject(answer(...said)) };
    const cluster = clusterWith(patroni, topologyOf(), topologyOf(), stopping, stopping, promoted);
    const detail = await switchover.inject([], {}, { ...context, cluster });
    expect(detail).toMatchObject({ from: 'pg1', answer: said[1] });
  },
);

test('a switchover that Patroni refuses with 412 while its candidate restarts is retried', async () => {
  let asked = 0;
  const patroni = {
    switchover: () =>
      (asked += 1) < 3
        ? Promise.reject(answer(412, 'no good candidates'))
        : Promise.resolve('done'),
  };
  const cluster = clusterWith(patroni, topologyOf());
  const detail = await switchover.inject([], {}, { ...context, cluster });
  expect([asked, detail]).toEqual([3, { from: 'pg1', answer: 'done' }]);
});

test('a switchover counts as not carried out only if Patroni gave it up and the old leader still leads', async () => {
  const patroni = { switchover: () => Promise.reject(answer(503, 'Switchover failed')) };
  const cluster = clusterWith(patroni, topologyOf());
  const failure = switchover.inject([], {}, { ...context, cluster });
  await expect(failure).rejects.toThrow(NotCarriedOut);
  const message = 'Patroni gave up the switchover from pg1, and pg1 still leads';
  await expect(failure).rejects.toThrow(message);
});

test('a restart that Patroni gives up on is watched until the server has restarted', async () => {
  const starts = ['2026-01-01', undefined, undefined, '2026-01-02'];
  let turn = 0;
  const query = () => {
    const at = starts[Math.min(turn++, starts.length - 1)];
    return at === undefined
      ? Promise.reject(new ClusterError('refused'))
      : Promise.resolve([{ at }]);
  };
  const patroni = { restart: () => Promise.reject(answer(503, 'restart failed')) };
  const { nodes, ...rest } = clusterWith(patroni, topologyOf());
  const targets = nodes.slice(0, 1).map((node) => ({ ...node, sql: { ...node.sql!, query } }));
  const cluster = { ...rest, nodes: targets };
  expect(await restartPostgres.inject(targets, {}, { ...context, cluster })).toEqual({
    restarted: { pg1: 'restart failed' },
  });
});
