import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../../src/contracts/cluster.ts';
import type { NodeReading, OperationRecord, ReadBack } from '../../../../src/contracts/evidence.ts';
import type { LockTheft } from '../../../../src/contracts/result.ts';
import { ancestryOf } from '../../../../src/judge/causes/ancestry.ts';
import { contains } from '../../../../src/std/ranges.ts';
import { formatLsn, lsnNumber } from '../../../../src/std/units/lsn.ts';
import { causeOf } from '../../../../src/judge/causes/cause.ts';
import { sightingsIn } from '../../../../src/judge/causes/sightings.ts';
import { topologyOf } from '../../../helpers/fake-cluster.ts';
import { attributeInMemory } from '../../../histories/attribute.ts';
import { journal, operation, reading, type MemoryJournal } from '../../../histories/in-memory.ts';

const fork = 0x5_000_000;

function readBackOf(timeline: number, node: string, over: Partial<ReadBack> = {}): ReadBack {
  return {
    schemaVersion: 1,
    runId: 'run',
    primary: node,
    converged: { ok: true, ms: 0 },
    nodes: [reading([], { node, timeline })],
    contentChecked: true,
    ms: 0,
    history:
      timeline === 1
        ? []
        : [{ timeline, ancestors: [{ timeline: 1, lsn: '0/5000000', reason: 'no recovery' }] }],
    ...over,
  };
}

/** Settings under which no write, or every write, may be acknowledged before it is flushed. */
const flushed = () => false;
const unflushed = () => true;

function seen(...topologies: readonly Topology[]) {
  return sightingsIn(
    topologies.map((topology, index) => ({ atMs: 1000 * index, type: 'topology', topology })),
    0,
  );
}

function attribute(
  journals: readonly MemoryJournal[],
  readBack: ReadBack,
  mayBeUnflushed: () => boolean | null = flushed,
  isUnlogged = false,
  wasDisturbed = true,
  lockThefts: readonly LockTheft[] = [],
) {
  return attributeInMemory(journals, readBack, {
    sightings: seen(),
    mayBeUnflushed,
    lockThefts,
    ...(isUnlogged && {
      unlogged: { isThere: isThereOn(readBack.nodes[0]!), wasDisturbed: () => wasDisturbed },
    }),
  });
}

function isThereOn({ writers }: NodeReading): (writer: number, seq: number) => boolean {
  return (writer, seq) =>
    writers.some((one) => one.writer === writer && contains(one.present, seq));
}

/** Ten inserts of one row, 1 ms apart, the first at `lsn`. */
function inserts(from: number, lsn: number, over: Partial<OperationRecord>): OperationRecord[] {
  return Array.from({ length: 10 }, (_, index) =>
    operation({
      seq: from + index,
      lsn: BigInt(lsn + 100 * index),
      sentUs: 1000 * (from + index),
      latencyUs: 500,
      ...over,
    }),
  );
}

describe('a failover that forks', () => {
  // Five rows before the fork point, five past it on pg1; then ten on pg2, the new primary.
  const history = [journal([...inserts(0, fork - 500, {}), ...inserts(10, fork, onPg2())])];
  function onPg2() {
    return { node: 1, timeline: 2 };
  }
  const present = [
    [0, 4],
    [10, 19],
  ] as const;
  const primary = reading([{ writer: 0, present }], { node: 'pg2', timeline: 2 });
  const attribution = attribute(history, readBackOf(2, 'pg2', { nodes: [primary] }));

  it('is the cause of every row lost past the fork point', () => {
    expect(attribution.ranges).toEqual([
      {
        writer: 0,
        from: 5,
        to: 9,
        kind: 'insert',
        ackedAtMs: [5.5, 9.5],
        node: 'pg1',
        timeline: 1,
        lsn: ['0/5000000', '0/5000190'],
        cause: 'forked',
      },
    ]);
  });

  it('is no failover where another primary took the lock of the one that acknowledged', () => {
    const theft = { holder: 'pg1', heldFromMs: 0, timeline: 1, thief: 'pg2', atMs: 11 };
    const causesWith = (timeline: number) => {
      const readBack = readBackOf(2, 'pg2', { nodes: [primary] });
      return attribute(history, readBack, flushed, false, true, [
        { ...theft, timeline },
      ]).ranges.map(({ cause }) => cause);
    };
    expect([causesWith(1), causesWith(7)]).toEqual([['lockTheft'], ['forked']]);
  });

  it('leaves a tail, although the writer continued', () => {
    expect(attribution.pattern).toEqual({ kind: 'tail' });
  });

  it('has both primaries and the divergent bytes of the old one', () => {
    expect(attribution.forks).toEqual([
      {
        parentTimeline: 1,
        timeline: 2,
        lsn: '0/5000000',
        divergentBytes: 400,
        oldPrimary: 'pg1',
        newPrimary: 'pg2',
        takenOverAtMs: 11,
      },
    ]);
  });

  /** Row 4 is lost as well: its position is the last before the fork point, 60 bytes away. */
  function withRowFourGone(over: Partial<ReadBack> = {}) {
    const ranges = [
      [0, 3],
      [10, 19],
    ] as const;
    const nodes = [reading([{ writer: 0, present: ranges }], { node: 'pg2', timeline: 2 })];
    const closer = [journal([...inserts(0, fork - 460, {}), ...inserts(10, fork, onPg2())])];
    return attribute(closer, readBackOf(2, 'pg2', { nodes, ...over })).ranges.map(
      ({ from, to, cause }) => [from, to, cause],
    );
  }
  const walWith = (...transactions: readonly { commit: string; lastRecord: string | null }[]) => ({
    commits: [{ timeline: 1, lsn: '0/5000000', fromLsn: '0/4FF0000', transactions }],
  });

  it('leaves the cause of a row lost just before the fork point open if the WAL there was not read', () => {
    expect(withRowFourGone()).toEqual([
      [4, 4, null],
      [5, 9, 'forked'],
    ]);
  });

  it('does not explain a row whose commit is in the WAL before the fork point', () => {
    expect(withRowFourGone(walWith({ commit: '0/4FFFFC8', lastRecord: '0/4FFFFC4' }))).toEqual([
      [4, 4, 'unexplained'],
      [5, 9, 'forked'],
    ]);
  });

  it('explains a row whose commit is not in the WAL before the fork point', () => {
    expect(withRowFourGone(walWith({ commit: '0/4FFFF90', lastRecord: '0/4FFFF38' }))).toEqual([
      [4, 9, 'forked'],
    ]);
  });

  it('gives a row the cause boundary if the commit that follows it may be another one', () => {
    expect(withRowFourGone(walWith({ commit: '0/4FFFFC8', lastRecord: null }))).toEqual([
      [4, 4, 'boundary'],
      [5, 9, 'forked'],
    ]);
  });

  it('does not explain a row if every transaction that was open at the fork point began behind it', () => {
    const commits = walWith({ commit: '0/4FFFFC8', lastRecord: null }).commits;
    const withOpen = (open: readonly string[]) =>
      withRowFourGone({ commits: commits.map((each) => ({ ...each, open })) })[0];
    expect([
      withOpen([]),
      withOpen(['0/4FFFFD0']),
      // The row's own position, and one before it: then it may be either.
      withOpen(['0/4FFFFC4']),
      withOpen(['0/4FFFF00']),
    ]).toEqual([
      [4, 4, 'unexplained'],
      [4, 4, 'unexplained'],
      [4, 9, 'forked'],
      [4, 4, 'boundary'],
    ]);
  });

  it('does not explain five rows that are gone right before the fork point, where the WAL has their commits', () => {
    const gone = [[10, 19]] as const;
    const nodes = [reading([{ writer: 0, present: gone }], { node: 'pg2', timeline: 2 })];
    const transactions = inserts(0, fork - 500, {})
      .slice(0, 5)
      .map(({ lsn }) => ({ commit: formatLsn(lsn), lastRecord: formatLsn(lsn) }));
    const commits = [{ ...walWith().commits[0]!, transactions, open: ['0/4FFFFF0'] }];
    const readBack = readBackOf(2, 'pg2', { nodes, commits });
    const { ranges } = attribute(history, readBack);
    expect(ranges.map(({ from, to, cause }) => [from, to, cause])).toEqual([
      [0, 4, 'unexplained'],
      [5, 9, 'forked'],
    ]);
  });

  it('does not explain rows that were answered before another write got its position before the fork point', () => {
    const nodes = [
      reading(
        [
          {
            writer: 0,
            present: [
              [4, 4],
              [10, 19],
            ],
          },
        ],
        { node: 'pg2', timeline: 2 },
      ),
    ];
    const { ranges } = attribute(history, readBackOf(2, 'pg2', { nodes }));
    expect(ranges.map(({ from, to, cause }) => [from, to, cause])).toEqual([
      [0, 3, 'unexplained'],
      [5, 9, 'forked'],
    ]);
  });

  it('leaves the cause open if the timeline history could not be read', () => {
    const readBack = readBackOf(2, 'pg2', { nodes: [primary], history: [] });
    expect(attribute(history, readBack).ranges.map(({ cause }) => cause)).toEqual([null]);
  });
});

describe('a loss without a fork', () => {
  it('is unexplained if only one server was primary on the timeline', () => {
    const nodes = [reading([{ writer: 0, present: [[1, 9]] }], { node: 'pg1', timeline: 1 })];
    const { ranges, pattern } = attribute(
      [journal(inserts(0, fork, {}))],
      readBackOf(1, 'pg1', { nodes }),
    );
    expect({ causes: ranges.map(({ cause }) => cause), pattern }).toEqual({
      causes: ['unexplained'],
      pattern: { kind: 'scattered' },
    });
  });

  it('is unflushed if it is the end of what the only server of a timeline acknowledged before it came back', () => {
    const records = [
      ...inserts(0, fork - 100_000, {}),
      ...inserts(10, fork + 100, { timeline: 2 }),
    ];
    const end = [
      [0, 6],
      [10, 19],
    ] as const;
    const causesOf = (
      present: readonly (readonly [number, number])[],
      may: () => boolean | null = unflushed,
    ) => {
      const nodes = [reading([{ writer: 0, present }], { node: 'pg1', timeline: 2 })];
      const { ranges } = attribute([journal(records)], readBackOf(2, 'pg1', { nodes }), may);
      return ranges.map(({ from, to, cause }) => [from, to, cause]);
    };
    expect([
      causesOf(end),
      causesOf([[10, 19]]),
      // It flushes before it answers, or that is not known.
      causesOf(end, flushed),
      causesOf(end, () => null),
    ]).toEqual([
      [[7, 9, 'unflushed']],
      [[0, 9, 'unexplained']],
      [[7, 9, 'unexplained']],
      [[7, 9, null]],
    ]);
  });

  it('is equalTimelineFork if two servers acknowledged on one timeline', () => {
    const nodes = [reading([{ writer: 0, present: [[0, 9]] }], { node: 'pg1', timeline: 1 })];
    const records = [...inserts(0, fork, {}), ...inserts(10, fork, { node: 1 })];
    const { ranges, pattern } = attribute([journal(records)], readBackOf(1, 'pg1', { nodes }));
    expect(ranges.map(({ from, to, node, cause }) => ({ from, to, node, cause }))).toEqual([
      { from: 10, to: 19, node: 'pg2', cause: 'equalTimelineFork' },
    ]);
    expect(pattern).toEqual({ kind: 'tail' });
  });

  it('is localOnly if the wait for a standby was cancelled', () => {
    const records = inserts(0, fork, { outcome: 'localOnly' });
    const nodes = [reading([], { node: 'pg1', timeline: 1 })];
    const { ranges, pattern } = attribute([journal(records)], readBackOf(1, 'pg1', { nodes }));
    expect({ causes: ranges.map(({ cause }) => cause), pattern }).toEqual({
      causes: ['localOnly'],
      pattern: { kind: 'none' },
    });
  });

  it('on a timeline that is not in the final history is forked', () => {
    const nodes = [reading([], { node: 'pg1', timeline: 1 })];
    const records = inserts(0, fork - 100_000, { node: 1, timeline: 2 });
    const { ranges } = attribute([journal(records)], readBackOf(1, 'pg1', { nodes }));
    expect(ranges.map(({ cause }) => cause)).toEqual(['forked']);
  });
});

describe('lost updates', () => {
  it('are attributed version by version', () => {
    const update = (version: number, lsn: number, over: Partial<OperationRecord> = {}) =>
      operation({ kind: 'update', version, lsn: BigInt(lsn), sentUs: version * 1000, ...over });
    const records = [
      operation({ lsn: 1n }),
      update(1, fork - 100_000),
      update(2, fork),
      update(3, 0, { outcome: 'failed' }),
      update(4, fork + 100),
    ];
    const row = { writer: 0, present: [[0, 0]], versions: [[0, 1]] } as const;
    const nodes = [reading([row], { node: 'pg2', timeline: 2 })];
    const { ranges } = attribute([journal(records)], readBackOf(2, 'pg2', { nodes }));
    expect(ranges).toEqual([
      {
        writer: 0,
        from: 0,
        to: 0,
        kind: 'update',
        versions: [2, 4],
        ackedAtMs: [2, 4],
        node: 'pg1',
        timeline: 1,
        lsn: ['0/5000000', '0/5000064'],
        cause: 'forked',
      },
    ]);
  });
});

it('an update that was lost and overwritten on the new primary does not break a tail', () => {
  // Row 0 is updated past the fork point on pg1 after row 5 was lost, and again on pg2: the first update left no trace.
  const old = inserts(0, fork - 500, {});
  const update = { kind: 'update', sentUs: 10_000 } as const;
  const records = [
    ...old,
    operation({ ...update, version: 1, lsn: BigInt(fork + 100_000) }),
    operation({ ...update, version: 2, lsn: BigInt(fork + 500), node: 1, timeline: 2 }),
  ];
  const row = { writer: 0, present: [[0, 4]], versions: [[0, 2]] } as const;
  const nodes = [reading([row], { node: 'pg2', timeline: 2 })];
  const { ranges, pattern } = attribute([journal(records)], readBackOf(2, 'pg2', { nodes }));
  expect({ lost: ranges.map(({ from, to }) => [from, to]), pattern }).toEqual({
    lost: [[5, 9]],
    pattern: { kind: 'tail' },
  });
});

describe('a cause', () => {
  const context = {
    ancestry: ancestryOf(readBackOf(2, 'pg2')),
    servers: [],
    boundaryBytes: 100,
    sightings: seen(),
    mayBeUnflushed: unflushed,
    commits: [],
  };
  const extent = { leastLsn: 0, mostLsn: fork, firstUs: 0, lastUs: 9_000_000 };
  const server = { node: 'pg1', timeline: 1, operations: 9, ...extent };
  const write = { outcome: 'acknowledged', node: 'pg1', timeline: 1, lsn: fork } as const;

  it('changes from boundary to forked exactly at the fork point, and is open if a commit record would fit', () => {
    const causes = [fork - 101, fork - 100, fork - 34, fork - 33, fork - 1, fork].map((lsn) =>
      causeOf({ ...write, lsn }, context),
    );
    expect(causes).toEqual(['unexplained', null, null, 'boundary', 'boundary', 'forked']);
  });

  it('is not boundary for a write answered before another was sent whose position is before the fork point', () => {
    const servers = [{ ...server, sentBeforeForkUs: 6_000_000 }];
    const causes = [5_999_999, 6_000_000].map((atUs) =>
      causeOf({ ...write, lsn: fork - 1, atUs }, { ...context, servers }),
    );
    expect(causes).toEqual(['unexplained', 'boundary']);
  });

  it('is unflushed for a write answered before its server wrote at that position again', () => {
    const setbacks = [{ atUs: 7_000_000, lsn: fork - 5_000 }];
    const servers = [{ ...server, setbacks }];
    const before = { ...write, lsn: fork - 4_000, atUs: 6_000_000 };
    const causesWith = (mayBeUnflushed: () => boolean | null) =>
      [before, { ...before, lsn: fork - 5_101 }, { ...before, atUs: 8_000_000 }].map((gone) =>
        causeOf(gone, { ...context, servers, mayBeUnflushed }),
      );
    expect([causesWith(unflushed), causesWith(flushed), causesWith(() => null)]).toEqual([
      ['unflushed', 'unexplained', 'unexplained'],
      ['unexplained', 'unexplained', 'unexplained'],
      [null, 'unexplained', 'unexplained'],
    ]);
  });

  it('is unexplained for a write without an LSN', () => {
    expect(causeOf({ ...write, lsn: 0 }, context)).toBe('unexplained');
  });

  it('is equalTimelineFork if the final primary has that timeline from another server', () => {
    expect(causeOf({ ...write, timeline: 2 }, context)).toBe('equalTimelineFork');
  });

  it('is equalTimelineFork if the watcher saw another primary on that timeline, even one that acknowledged nothing', () => {
    const ancestors = [1, 2].map((timeline) => ({ timeline, lsn: '0/6000000', reason: '' }));
    const readBack = readBackOf(3, 'pg3', { history: [{ timeline: 3, ancestors }] });
    const isolated = { ...write, timeline: 2, lsn: fork - 100_000 };
    const causeSeeing = (...topologies: readonly Topology[]) =>
      causeOf(isolated, {
        ...context,
        ancestry: ancestryOf(readBack),
        sightings: seen(...topologies),
      });
    const promoted = topologyOf({
      members: { pg1: { timeline: 2 }, pg2: { role: 'primary', timeline: 2 } },
    });
    expect([causeSeeing(promoted), causeSeeing()]).toEqual(['equalTimelineFork', 'unexplained']);
  });

  it('is not equalTimelineFork for what the final primary acknowledged itself, unless it has been a replica since', () => {
    const own = { ...write, node: 'pg2', timeline: 2, lsn: fork + 100_000, atUs: 500_000 };
    const servers = [1, 2].map((timeline) => ({ ...server, node: 'pg3', timeline }));
    const replica = topologyOf({ members: { pg2: { timeline: 2 } } });
    const promoted = topologyOf({ members: { pg2: { role: 'primary', timeline: 2 } } });
    const causes = [seen(replica, promoted), seen(promoted, replica)].map((sightings) =>
      causeOf(own, { ...context, servers, sightings }),
    );
    expect(causes).toEqual(['unexplained', 'equalTimelineFork']);
  });
});

it('LSNs survive formatting as text', () => {
  for (const text of ['0/0', '0/3000060', '16/B374D848', 'FFFF/FFFFFFFF']) {
    expect(formatLsn(lsnNumber(text))).toBe(text);
  }
});

describe('an unlogged table', () => {
  const history = [journal([...inserts(0, fork - 500, {}), ...inserts(10, fork, {})])];
  const causes = (present: readonly (readonly [number, number])[], isUnlogged: boolean) => {
    const primary = reading([{ writer: 0, present }], { node: 'pg1', timeline: 1 });
    const readBack = readBackOf(1, 'pg1', { nodes: [primary] });
    const { ranges } = attribute(history, readBack, flushed, isUnlogged);
    return ranges.map(({ from, to, cause }) => [from, to, cause]);
  };

  it('that was emptied explains the loss of everything before', () => {
    expect(causes([[10, 19]], true)).toEqual([[0, 9, 'unlogged']]);
    expect(causes([], true)).toEqual([[0, 19, 'unlogged']]);
  });

  it('explains nothing on a primary to which nothing happened', () => {
    const primary = reading([{ writer: 0, present: [[10, 19]] }], { node: 'pg1', timeline: 1 });
    const readBack = readBackOf(1, 'pg1', { nodes: [primary] });
    const { ranges } = attribute(history, readBack, flushed, true, false);
    expect(ranges.map(({ from, to, cause }) => [from, to, cause])).toEqual([[0, 9, 'unexplained']]);
  });

  it('explains no loss that a row outlived', () => {
    expect(
      causes(
        [
          [0, 4],
          [10, 19],
        ],
        true,
      ),
    ).toEqual([[5, 9, 'unexplained']]);
  });

  it('is no explanation where the table is logged', () => {
    expect(causes([[10, 19]], false)).toEqual([[0, 9, 'unexplained']]);
  });
});
