import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { obstacle } from '../../src/run/converge.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
const owned = ownedBySuite();
owned.use(reports);
let cluster: Cluster;
const signal = AbortSignal.timeout(300_000);

beforeAll(async () => {
  cluster = owned.use(
    await bootLab(reports.folder, { nodes: 1, standby: { nodes: 2 } }, signal, ['standby']),
  );
}, 180_000);

async function upstreamOf(node: string): Promise<unknown> {
  const text = 'SELECT (SELECT sender_host FROM pg_stat_wal_receiver) AS host';
  const [row] = await nodeOf(cluster, node).sql!.query(text);
  return row?.host;
}

function untilConverged(): Promise<true> {
  return waitUntil(
    'one primary, and every other node streams',
    async () => {
      const why = obstacle(await cluster.topology(signal));
      if (why !== undefined) throw new Error(why);
      return true as const;
    },
    { timeoutMs: 90_000, everyMs: 200, signal },
  );
}

describe('a standby cluster', () => {
  it('follows the first one: its leader by the network, its other node by its leader', async () => {
    const { leader, members } = await cluster.topology(signal);
    expect(leader).toBe('pg1');
    expect(members.map(({ node, role }) => [node, role])).toEqual([
      ['pg1', 'primary'],
      ['standby1', 'replica'],
      ['standby2', 'replica'],
    ]);
    expect(await upstreamOf('standby1')).toBe(nodeOf(cluster, 'pg1').endpoint.host);
    expect(await upstreamOf('standby2')).toBe(nodeOf(cluster, 'standby1').endpoint.host);
  });

  it('is healed without effect where it was not promoted', async () => {
    await cluster.standby!.followPromoted(signal);
    expect(await cluster.standby!.isPromoted(signal)).toBe(false);
    expect((await cluster.topology(signal)).leader).toBe('pg1');
  });

  it('leads once it is promoted; the first cluster is a second primary until healing makes it follow', async () => {
    const { detail, heal, lapse } = await injectFault(cluster, 'promote-standby-cluster');
    expect(detail).toEqual({ from: 'pg1', to: 'standby1' });
    const { leader, members } = await cluster.topology(signal);
    expect(leader).toBe('standby1');
    const primaries = members.filter(({ role }) => role === 'primary').map(({ node }) => node);
    expect(primaries).toEqual(['pg1', 'standby1']);
    expect(await lapse()).toBeUndefined();
    await heal();
    await heal();
    await untilConverged();
    expect((await cluster.topology(signal)).leader).toBe('standby1');
    expect(await upstreamOf('pg1')).toBe(nodeOf(cluster, 'standby1').endpoint.host);
  });
});
