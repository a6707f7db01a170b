import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import {
  freezesAndResumes,
  freezesTheLock,
  losesAndRegainsTheLock,
  skewsTheClock,
  stopsAndStarts,
  tagsWhileItRuns,
  wearsOutTheLock,
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

  test('a skewed clock is the clock that PostgreSQL on that node shows', async () => {
    await skewsTheClock(cluster, pg3);
  });

  test('a replica frozen for a moment continues where it was', async () => {
    await freezesAndResumes(cluster, pg3);
  });

  test('a node that is stopped cleanly comes back when it is started', async () => {
    await stopsAndStarts(cluster, pg3);
  });

  test('a tag that is set while Patroni runs is shown, and is taken away again', async () => {
    await tagsWhileItRuns(cluster, pg3);
  });

  test('while the DCS is frozen, no leader is known', async () => {
    await freezesTheLock(cluster);
  });

  test('without a quorum of the DCS there is no leader, and with its members there is one again', async () => {
    await losesAndRegainsTheLock(cluster);
  });

  test('a DCS that is slow, full, compacted, or begins anew, has a leader again', async () => {
    await wearsOutTheLock(cluster);
  });
});
