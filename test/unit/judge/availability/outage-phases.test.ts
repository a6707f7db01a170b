import { describe, expect, test } from 'vitest';
import type { Topology } from '../../../../src/contracts/cluster.ts';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import type { Injection, OutageMoment } from '../../../../src/contracts/result.ts';
import { ClientGaps } from '../../../../src/judge/availability/client-gaps.ts';
import { outagePhases } from '../../../../src/judge/availability/outage-phases.ts';
import { phaseSentences } from '../../../../src/render/support/phase-words.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

/** The load began 1 s into the run. */
const originMs = 1_000;
const kill: Injection = {
  id: 'kill',
  fault: 'kill-node',
  targets: ['pg1'],
  plannedAtMs: 5_000,
  injectedAtMs: 5_000,
  inForceAtMs: 5_050,
  healedAtMs: 30_000,
};

type Role = 'primary' | 'replica' | 'down';
/** A node per entry: its role, its timeline, and whether it streams. */
function seen(
  atMs: number,
  leader: string | undefined,
  ...members: readonly (readonly [Role, number, boolean?])[]
): RunEvent {
  const topology: Topology = {
    ...(leader !== undefined && { leader }),
    syncStandbys: [],
    isPaused: false,
    members: members.map(([role, timeline, isStreaming = false], index) => {
      return { node: `pg${index + 1}`, role, timeline, isStreaming };
    }),
  };
  return { atMs: originMs + atMs, type: 'topology', topology };
}

const events: readonly RunEvent[] = [
  seen(0, 'pg1', ['primary', 1], ['replica', 1, true], ['replica', 1, true]),
  seen(5_200, 'pg1', ['down', 1], ['replica', 1], ['replica', 1]),
  seen(24_000, undefined, ['down', 1], ['replica', 1], ['replica', 1]),
  seen(24_900, 'pg2', ['down', 1], ['primary', 2], ['replica', 1]),
  seen(27_000, 'pg2', ['down', 1], ['primary', 2], ['replica', 2, true]),
  seen(40_000, 'pg2', ['replica', 2, true], ['primary', 2], ['replica', 2, true]),
];

/** Two writers: acknowledged until 5.0 s and again from 25.5 s and 26 s on; one operation between fails. */
function clients(): ClientGaps {
  const gaps = new ClientGaps();
  const at = (writer: number, seq: number, sentUs: number) => operation({ writer, seq, sentUs });
  const failed = operation({ outcome: 'failed', seq: 2, sentUs: 5_100_000, sqlState: '57P01' });
  visit([at(0, 0, 1_000_000), at(0, 1, 5_000_000), failed, at(0, 3, 25_500_000)], gaps);
  visit([at(1, 0, 1_000_000), at(1, 1, 4_900_000), at(1, 2, 26_000_000)], gaps);
  return gaps;
}

const logged: readonly OutageMoment[] = [
  { what: 'lockTaken', atMs: 24_500, node: 'pg2', by: 'patroniLog' },
  { what: 'promotionRequested', atMs: 24_600, node: 'pg2', by: 'postgresLog' },
  { what: 'recoveryEnded', atMs: 24_650, node: 'pg2', by: 'postgresLog' },
  { what: 'newTimeline', atMs: 24_700, node: 'pg2', by: 'postgresLog' },
  // Of an earlier start of the lab.
  { what: 'newTimeline', atMs: -9_000, node: 'pg2', by: 'postgresLog' },
];

const outageOfKill = {
  fault: 'kill',
  fromMs: 5_000,
  untilMs: 25_500,
  detectMs: 19_000,
  electMs: 19_900,
  firstAckMs: 20_500,
};

function phases(over: Partial<Parameters<typeof outagePhases>[0]> = {}) {
  return outagePhases({
    outage: { longestMs: 20_500, perFault: [outageOfKill] },
    faults: [kill],
    routes: undefined,
    events,
    originMs,
    loadMs: 30_000,
    logged,
    clients: clients(),
    reads: [],
    patroni: { ttlSeconds: 20, loopWaitSeconds: 2 },
    ...over,
  });
}

describe('the phases of an outage', () => {
  test('follow each other from the last acknowledgement to full redundancy, by clients, topology and logs', () => {
    const [found] = phases();
    expect(found?.moments.map(({ what, atMs, node, by }) => [atMs, what, node, by])).toEqual([
      [5_000, 'lastAcknowledgement', null, 'clients'],
      [5_100, 'firstError', null, 'clients'],
      [24_000, 'lockLost', 'pg1', 'topology'],
      [24_500, 'lockTaken', 'pg2', 'patroniLog'],
      [24_600, 'promotionRequested', 'pg2', 'postgresLog'],
      [24_650, 'recoveryEnded', 'pg2', 'postgresLog'],
      [24_700, 'newTimeline', 'pg2', 'postgresLog'],
      [25_500, 'firstWrite', null, 'clients'],
      [27_000, 'replicaStreams', 'pg3', 'topology'],
      [40_000, 'fullRedundancy', null, 'topology'],
    ]);
    expect(found?.parts.map(({ until, ms }) => [until, ms])).toEqual([
      ['lockLost', 19_000],
      ['lockTaken', 500],
      ['promotionRequested', 100],
      ['recoveryEnded', 50],
      ['newTimeline', 50],
      ['firstWrite', 800],
      ['replicaStreams', 1_500],
      ['fullRedundancy', 13_000],
    ]);
    expect(found?.clients).toEqual({ writers: 2, p50Ms: 21_100, p90Ms: 21_100, mostMs: 21_100 });
  });

  test('have the first read that the new primary answered since its promotion, where the load has readers', () => {
    const read = (node: string, sentMs: number, problem?: string) => ({
      reader: 0,
      read: 'total',
      node,
      sentMs: originMs + sentMs,
      answeredMs: originMs + sentMs + 20,
      ...(problem !== undefined && { problem }),
    });
    // As a replica it answered before; the next one is not answered.
    const reads = [
      read('pg2', 10_000),
      read('pg2', 24_800, 'gone'),
      read('pg3', 24_900),
      read('pg2', 25_000),
    ];
    const [found] = phases({ reads });
    expect(found?.moments.filter(({ what }) => what === 'firstRead')).toEqual([
      { what: 'firstRead', atMs: 25_020, node: 'pg2', by: 'clients' },
    ]);
    expect(found?.parts).toEqual(phases()[0]?.parts);
  });

  test('are named in words, the three longest of the outage first, with what would shorten them', () => {
    expect(phaseSentences({ outagePhases: phases() })).toEqual([
      "Outage of 20.5 s after 'kill': 19.0 s: ttl 20 had to expire; 0.8 s: clients had to find the new primary, and it had to acknowledge; 0.5 s: a node had to take the lock. What would shorten it: ttl; the clients' connection timeout and retries, or the route's health checks; loop_wait. Of 2 clients that had their longest pause in it, half waited 21.1 s or longer, a tenth 21.1 s, one 21.1 s.",
    ]);
  });

  test('come from the topology where no log has the lines, as with another lc_messages', () => {
    const [found] = phases({ logged: [] });
    expect(found?.moments.slice(2, 5).map(({ what, atMs, by }) => [what, atMs, by])).toEqual([
      ['lockLost', 24_000, 'topology'],
      ['lockTaken', 24_900, 'topology'],
      ['newTimeline', 24_900, 'topology'],
    ]);
  });

  test('blame no ttl where the leader gave up its lock at once', () => {
    const soon = events.map((event) =>
      event.atMs === originMs + 24_000 ? { ...event, atMs: originMs + 5_900 } : event,
    );
    const [found] = phases({ events: soon });
    expect(found?.parts[0]).toEqual({
      until: 'lockLost',
      fromMs: 5_000,
      ms: 900,
      why: 'the leader had to give up its lock',
      setting: null,
    });
  });

  test('of faults that share an outage are told once, and a fault without one has none', () => {
    const none = { fault: 'cut', fromMs: 100, untilMs: 150, detectMs: null, electMs: null };
    const perFault = [outageOfKill, { ...outageOfKill, fault: 'cut' }];
    expect(phases({ outage: { longestMs: 20_500, perFault } }).map(({ faults }) => faults)).toEqual(
      [['kill', 'cut']],
    );
    expect(
      phases({ outage: { longestMs: 50, perFault: [{ ...none, firstAckMs: null }] } }),
    ).toEqual([]);
  });

  test('show when each route had its first write by the new primary', () => {
    const server = { node: 'pg2', timeline: 2, acknowledged: 5, fromMs: 26_200, untilMs: 30_000 };
    const counts = { acknowledged: 5, localOnly: 0, failed: 0, indeterminate: 0, lost: 0 };
    const route = { name: 'haproxy', via: 'haproxy', clients: 1, outageMs: 21_200 } as const;
    const rest = { ...counts, errors: [], servers: [server], onOldPrimary: null, notes: [] };
    const [found] = phases({ routes: [{ ...route, ...rest }] });
    expect(found?.moments.filter(({ route: name }) => name)).toEqual([
      { what: 'firstWrite', atMs: 26_200, node: 'pg2', route: 'haproxy', by: 'clients' },
    ]);
  });
});
