import { describe, expect, it } from 'vitest';
import { converge, obstacle } from '../../../src/run/converge.ts';
import { fakeCluster, topologyOf } from '../../helpers/fake-cluster.ts';

const never = new AbortController().signal;
const { timeline: _timeline, ...withoutTimeline } = topologyOf().members[2]!;

describe('what prevents convergence', () => {
  it.each([
    ['nothing', topologyOf(), undefined],
    [
      'there is no leader',
      topologyOf({ members: { pg1: { role: 'down' } } }),
      'no node is primary',
    ],
    [
      'split brain',
      topologyOf({ members: { pg3: { role: 'primary' } } }),
      'primaries: pg1 and pg3',
    ],
    [
      'leader and primary differ',
      topologyOf({ leader: 'pg2' }),
      'pg1 is primary and pg2 is leader',
    ],
    [
      'no node holds the lock',
      (({ leader: _, ...rest }) => rest)(topologyOf()),
      'pg1 is primary and no node is leader',
    ],
    [
      'a node is down',
      topologyOf({ members: { pg2: { role: 'down', state: 'start failed' } } }),
      'pg2 is down (start failed)',
    ],
    [
      'a node does not stream',
      topologyOf({ members: { pg3: { isStreaming: false } } }),
      'pg3 is not streaming',
    ],
    [
      'a node is on an old timeline',
      topologyOf({ members: { pg1: { timeline: 3 }, pg3: { timeline: 3 } } }),
      'pg2 is on timeline 1, the primary on 3',
    ],
    [
      'a node does not know its timeline',
      { ...topologyOf(), members: [...topologyOf().members.slice(0, 2), withoutTimeline] },
      'pg3 is on timeline ?, the primary on 1',
    ],
    [
      'a single server has no lock to hold',
      { syncStandbys: [], isPaused: false, members: topologyOf().members.slice(0, 1) },
      undefined,
    ],
  ])('%s', (_title, topology, expected) => {
    expect(obstacle(topology)).toBe(expected);
  });
});

describe('waiting for convergence', () => {
  const lagging = topologyOf({ members: { pg3: { lsn: '0/2000000' } } });

  it('ends when every replica has replayed the earlier position of the leader, however far the leader is by then', async () => {
    const later = topologyOf({
      members: { pg1: { lsn: '0/9000000' }, pg3: { lsn: '0/3000060' } },
    });
    const found = await converge(fakeCluster(lagging, later), 5_000, never);
    expect(found).toEqual({
      ok: true,
      ms: expect.any(Number) as number,
      primary: 'pg1',
      timeline: 1,
    });
  });

  it.each([
    ['a page', '0/3002018', '0/3002000'],
    ['a segment', '0/3000028', '0/3000000'],
  ])(
    'ends if the leader is just past the header of %s, with no record to replay',
    async (_what, lsn, replayed) => {
      const idle = topologyOf({
        members: { pg1: { lsn }, pg2: { lsn: replayed }, pg3: { lsn: replayed } },
      });
      expect(await converge(fakeCluster(idle), 250, never)).toMatchObject({ ok: true });
    },
  );

  it('starts again from the new leader if the leader changes meanwhile', async () => {
    const promoted = {
      leader: 'pg2',
      members: {
        pg1: { role: 'replica' as const, isStreaming: true, timeline: 2, lsn: '0/3000060' },
        pg2: { role: 'primary' as const, timeline: 2, lsn: '0/5000000' },
        pg3: { timeline: 2, lsn: '0/5000000' },
      },
    };
    const caughtUp = topologyOf({
      ...promoted,
      members: { ...promoted.members, pg1: { ...promoted.members.pg1, lsn: '0/5000000' } },
    });
    const between = topologyOf({ members: { pg1: { role: 'down' } } });
    const script = [lagging, between, topologyOf(promoted), caughtUp];
    let asked = 0;
    const cluster = fakeCluster(...script.map((topology) => () => (asked++, topology)));
    const found = await converge(cluster, 5_000, never);
    expect([asked, found]).toEqual([
      4,
      { ok: true, ms: expect.any(Number) as number, primary: 'pg2', timeline: 2 },
    ]);
  });

  it.each([
    ['who is behind, and where', [lagging], 'pg3 has replayed 0/2000000, not yet 0/3000060'],
    [
      'the obstacle',
      [topologyOf({ members: { pg2: { isStreaming: false } } })],
      'pg2 is not streaming',
    ],
    [
      'who is ahead of the primary, on another history',
      [topologyOf({ members: { pg2: { lsn: '0/33D0900' } } })],
      'pg2 has replayed 0/33D0900, ahead of the primary at 0/3000060: it has diverged',
    ],
    [
      'why nobody could be asked',
      [
        () => {
          throw new Error('no answer on /cluster');
        },
      ],
      'no answer on /cluster',
    ],
  ])('that takes too long returns a reason: %s', async (_title, script, reason) => {
    const found = await converge(fakeCluster(...script), 250, never);
    const { primary: _primary, timeline: _timeline, nodes: _nodes, ...rest } = found;
    expect(rest).toEqual({
      ok: false,
      reason: `after 0.3 s: ${reason}`,
      ms: expect.any(Number) as number,
    });
    expect(found.ms).toBeLessThan(1_000);
  });

  it('returns no primary while the lock names another node, whose acknowledgements count', async () => {
    const old = topologyOf({ leader: 'pg2', members: { pg2: { role: 'down' } } });
    expect(await converge(fakeCluster(old), 150, never)).toEqual({
      ok: false,
      reason: 'after 0.1 s: pg1 is primary and pg2 is leader',
      ms: expect.any(Number) as number,
      nodes: [{ node: 'pg2', what: 'pg2 is down (streaming)' }],
    });
  });

  it('returns no primary while there are two', async () => {
    const split = topologyOf({ members: { pg3: { role: 'primary' } } });
    expect(await converge(fakeCluster(split), 150, never)).toEqual({
      ok: false,
      reason: 'after 0.1 s: primaries: pg1 and pg3',
      ms: expect.any(Number) as number,
    });
  });

  it('is an error, not a result, if the run is interrupted', async () => {
    const interrupt = new AbortController();
    const waiting = converge(fakeCluster(lagging), 60_000, interrupt.signal);
    setTimeout(() => interrupt.abort(new Error('Ctrl-C')), 20);
    await expect(waiting).rejects.toThrow('Ctrl-C');
  });
});
