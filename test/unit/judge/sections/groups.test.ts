import { expect, test } from 'vitest';
import type { LoadSpec } from '../../../../src/contracts/scenario.ts';
import { GroupLog, groupResults } from '../../../../src/judge/sections/groups.ts';
import { groupLines } from '../../../../src/render/support/group-rows.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

const load = {
  clients: 3,
  durationMs: 3_000,
  warmupMs: 1_000,
  groups: [
    { name: 'app', clients: 2, ratePerSecond: 2 },
    { name: 'bulk', clients: 1 },
  ],
} as unknown as LoadSpec;
const facts = { loadMs: 3_000, stoppedMs: undefined, held: [] };

const at = (writer: number, dueMs: number, waitedMs: number, serviceMs: number) =>
  operation({
    writer,
    outcome: 'acknowledged',
    count: writer === 2 ? 10 : 1,
    sentUs: (dueMs + waitedMs) * 1000,
    waitedUs: waitedMs * 1000,
    latencyUs: serviceMs * 1000,
  });

function logOf(): GroupLog {
  const log = new GroupLog(load);
  visit(
    [
      // Due in the warm-up, and answered after it.
      at(0, 900, 500, 100),
      at(0, 1_500, 30, 10),
      at(1, 2_000, 0, 20),
      at(2, 1_200, 0, 5),
      operation({ writer: 2, outcome: 'failed', sentUs: 1_300_000 }),
    ],
    log,
  );
  return log;
}

test('each group has what it was asked for and what it got, without the warm-up', () => {
  const { groups = [] } = groupResults({ load, facts, coverage: 'all', log: logOf() });
  expect(groups).toMatchObject([
    {
      name: 'app',
      planned: { perSecond: 2, sentPerSecond: 1 },
      operations: 3,
      ackedPerSecond: 1,
      latencyMs: { count: 2, max: 40 },
      serviceMs: { count: 2, max: 20 },
    },
    { name: 'bulk', operations: 2, ackedPerSecond: 5, latencyMs: { count: 1, max: 5 } },
  ]);
  expect(groups[1]).not.toHaveProperty('planned');
  expect(groupLines({ groups })).toEqual([
    'Group app: 1 writes/s of 2 operations/s asked for, p99 40.0 ms',
    'Group bulk: 5 writes/s, p99 5.0 ms',
  ]);
});

test('counts are unknown where a journal is missing', () => {
  const { groups } = groupResults({ load, facts, coverage: 'some', log: logOf() });
  expect(groups?.[0]).toMatchObject({
    operations: null,
    ackedPerSecond: null,
    planned: { sentPerSecond: null },
  });
});
