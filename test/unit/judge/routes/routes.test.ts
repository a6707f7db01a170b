import { describe, expect, test } from 'vitest';
import type { GroupSpec } from '../../../../src/contracts/scenario.ts';
import type { LeaderChange } from '../../../../src/contracts/result.ts';
import type { RunFacts } from '../../../../src/evidence/events/run-facts.ts';
import type { RecordBatch } from '../../../../src/evidence/journal/batch.ts';
import { NO_NODE, OUTCOME, packSqlState } from '../../../../src/evidence/journal/format.ts';
import { RouteLog } from '../../../../src/judge/routes/route-log.ts';
import { routeResults } from '../../../../src/judge/routes/routes.ts';
import { routesOf } from '../../../../src/scenario/words/routes.ts';

const pool = { on25006: 'reconnect' } as const;
const load = {
  clients: 3,
  routes: [
    { name: 'direct', via: 'direct', clients: 2, pool },
    { name: 'app', via: 'haproxy', clients: 1, pool },
  ],
} as const;

/** writer, node, timeline, milliseconds at which it was sent; answered 10 ms later. */
type Sent = readonly [writer: number, node: number, timeline: number, atMs: number, error?: string];

function logOf(sent: readonly Sent[]): RouteLog {
  const log = new RouteLog(routesOf(load));
  const header = { nodes: ['pg1', 'pg2'] } as unknown as Parameters<RouteLog['begin']>[0];
  log.begin(header);
  const column = (of: (one: Sent) => number) => sent.map(of);
  log.records({
    length: sent.length,
    outcome: column(([, , , , error]) =>
      error === undefined ? OUTCOME.acknowledged : OUTCOME.failed,
    ),
    writer: column(([writer]) => writer),
    node: column(([, node]) => node),
    timeline: column(([, , timeline]) => timeline),
    count: column(() => 1),
    sentUs: column(([, , , atMs]) => atMs * 1000),
    answeredUs: column(([, , , atMs]) => (atMs + 10) * 1000),
    sqlStateAt: (index: number) => sent[index]?.[4] ?? '',
    value: column(([, , , , error]) => (error === undefined ? 1 : packSqlState(error))),
  } as unknown as RecordBatch);
  return log;
}

const facts = { loadMs: 10_000, held: [], routes: [] } as unknown as RunFacts;
const failover: LeaderChange = {
  node: 'pg2',
  before: 'pg1',
  timeline: 2,
  atMs: 3_000,
  how: 'failover',
};

function results(
  sent: readonly Sent[],
  changes: readonly LeaderChange[] | null = [failover],
  about: RunFacts = facts,
  groups?: readonly GroupSpec[],
) {
  return routeResults({
    load: groups ? { groups } : {},
    tallies: logOf(sent).tallies,
    facts: about,
    plannedMs: 10_000,
    coverage: 'all',
    changes,
    lost: [{ writer: 1, kind: 'insert', outcome: 'acknowledged', from: 3, to: 4, count: 2 }],
  });
}

describe('the results of routes', () => {
  test('clients that only read have no outage of writes; clients that got nothing through have', () => {
    const groups = [
      { name: 'direct', clients: 2, clientReads: { share: 1 } },
      { name: 'app', clients: 1 },
    ] as unknown as readonly GroupSpec[];
    const [direct, app] = results([], null, facts, groups);
    expect([direct?.readsOnly, direct?.outageMs]).toEqual([true, null]);
    expect([app?.readsOnly, app?.outageMs]).toEqual([undefined, 10_000]);
  });

  test("each has its own loss, outage and errors, by the plan's order of writers", () => {
    const [direct, app] = results([
      [0, 0, 1, 0],
      [1, 0, 1, 2_000],
      [0, 1, 2, 8_000],
      [2, 0, 1, 0],
      [2, 1, 2, 5_000, '25006'],
    ]);
    expect(direct).toMatchObject({ name: 'direct', acknowledged: 3, lost: 2, outageMs: 6_000 });
    expect(app).toMatchObject({
      name: 'app',
      acknowledged: 1,
      failed: 1,
      lost: 0,
      outageMs: 9_990,
    });
    expect(app?.errors).toEqual([{ sqlState: '25006', outcome: 'failed', count: 1 }]);
    expect(direct?.servers.map(({ node, timeline }) => [node, timeline])).toEqual([
      ['pg1', 1],
      ['pg2', 2],
    ]);
  });

  test('a write sent to a node after another had taken over from it is counted there; one sent before is not', () => {
    const [direct] = results([
      [0, 0, 1, 2_990],
      [0, 0, 1, 3_100],
      [1, 0, 1, 4_000],
      [0, 1, 2, 4_000],
    ]);
    expect(direct?.onOldPrimary).toEqual([
      {
        node: 'pg1',
        timeline: 1,
        newPrimary: 'pg2',
        sinceMs: 3_000,
        acknowledged: 2,
        untilMs: 4_100,
      },
    ]);
  });

  test('a server that the route hides is unknown, and so is whether it was an old primary', () => {
    const [, app] = results([[2, NO_NODE, 1, 4_000]]);
    expect(app?.servers).toEqual([
      { node: null, timeline: 1, acknowledged: 1, fromMs: 4_010, untilMs: 4_010 },
    ]);
    expect(app?.onOldPrimary).toBeNull();
  });

  test('who was primary is unknown where no roles were seen; a route that was never answered has no old primary', () => {
    const [direct, app] = results([[0, 0, 1, 4_000]], null);
    expect([direct?.onOldPrimary, app?.onOldPrimary]).toEqual([null, []]);
  });

  test('a hidden server is no old primary where the leader never changed', () => {
    const [, app] = results([[2, NO_NODE, 1, 4_000]], []);
    expect(app?.onOldPrimary).toEqual([]);
  });

  test('an outage ends where the load was asked to stop, as that of all clients does', () => {
    const [direct] = results([[0, 0, 1, 0]], [failover], { ...facts, stoppedMs: 4_000 });
    expect(direct?.outageMs).toBe(3_990);
  });
});
