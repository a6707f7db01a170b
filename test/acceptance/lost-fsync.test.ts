import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;
const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  const patroni = { ttl: 60, loop_wait: 2, retry_timeout: 20 };
  const needs = ['io', 'power'] as const;
  cluster = owned.use(await bootLab(reports.folder, { nodes: 1, patroni }, undefined, needs));
}, 300_000);

test('a power cut takes what was flushed to a disk that lies, and keeps what was flushed before', async () => {
  const pg1 = nodeOf(cluster, 'pg1');
  const write = async (name: string) => {
    const file = `/run/lab/pg1/wal/${name}`;
    const argv = ['dd', 'if=/dev/zero', `of=${file}`, 'bs=8k', 'count=4', 'conv=fsync'];
    const { exitCode, stderr } = await pg1.shell!.run(argv);
    expect([exitCode, stderr]).toEqual([0, expect.anything()]);
  };
  await write('honest');
  const { heal, lapse, detail } = await injectFault(cluster, 'lost-fsync', { on: ['pg1'] });
  await write('lied-about');
  expect(detail).toMatchObject({ losesFlushes: true });
  await pg1.power!.cut();
  // The disk is the same after the cut, and lies on.
  expect(await lapse()).toBeUndefined();
  await heal();
  const { stdout } = await pg1.shell!.run(['ls', '-s', '--block-size=1k', '/run/lab/pg1/wal']);
  expect(stdout).toMatch(/32 honest/);
  expect(stdout).not.toMatch(/32 lied-about/);
}, 300_000);
