import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import {
  freezesAndResumes,
  freezesTheLock,
  losesAndRegainsTheLock,
  skewsTheClock,
  stopsAndStarts,
} from '../helpers/controls.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

describe.skipIf(!hasDocker)('in containers', () => {
  let cluster: Cluster;
  let pg3: Node;

  const owned = ownedBySuite();
  owned.defer(async () => expect(await inEngine()).toEqual([]));
  beforeAll(async () => {
    cluster = owned.use(await bootDocker({}, undefined, undefined, ['clock']));
    pg3 = cluster.nodes[2]!;
  });

  test('a clock that is set is the one that PostgreSQL of that node tells', async () => {
    await skewsTheClock(cluster, pg3);
  });

  test('a replica frozen for a moment goes on where it was', async () => {
    await freezesAndResumes(cluster, pg3);
  });

  test('a node that is stopped in an orderly way comes back when it is started', async () => {
    await stopsAndStarts(cluster, pg3);
  });

  test('a frozen lock service tells nobody who leads', async () => {
    await freezesTheLock(cluster);
  });

  test('a lock service without a quorum has no leader, and one again with its members', async () => {
    await losesAndRegainsTheLock(cluster);
  });
});
