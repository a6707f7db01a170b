import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { judgeRun } from '../../../src/judge/judge.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { operation } from '../../histories/in-memory.ts';
import { storedPlan, storeRun } from '../../helpers/stored-run.ts';

/** Acknowledged by the old primary past the fork point: on the final primary the row is present again. */
const undone = operation({
  kind: 'delete',
  writer: 0,
  seq: 3,
  timeline: 1,
  lsn: 0x3002000n,
  sentUs: 8_000_000,
  latencyUs: 1_000,
});

test('an undone delete has its node, LSN and cause, and counts in lost, rpo and lossPercent', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-delete-'));
  await using _gone = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  const plan = await storedPlan();
  const load = { ...plan.scenario.load, mix: { insert: 0.9, update: 0, delete: 0.1 } };
  const deleting = JSON.stringify({ ...plan, scenario: { ...plan.scenario, load } });
  await storeRun(directory, { files: { 'plan.json': deleting }, operations: [undone] });
  const result = await judgeRun(directory, await loadRegistry());
  const { lost, lostUpdates, lostDeletes, unexpected, acknowledged } = result.writes;
  expect({ lost, lostUpdates, lostDeletes, unexpected, acknowledged }).toEqual({
    ...{ lost: 5, lostUpdates: 0, lostDeletes: 1, unexpected: 0, acknowledged: 41 },
  });
  expect(result.lostRanges.find(({ kind }) => kind === 'delete')).toEqual({
    ...{ writer: 0, from: 3, to: 3, kind: 'delete', cause: 'forked', node: 'pg1', timeline: 1 },
    lsn: ['0/3002000', '0/3002000'],
    ackedAtMs: [8_001, 8_001],
  });
  // From the fork point to the delete, and from the first lost insert to it.
  expect(result.rpo).toEqual({ records: 6, bytes: 0x2000, seconds: 2 });
  expect(result.lossPercent).toBeCloseTo((6 / 41) * 100, 2);
  expect(result.checks.find(({ check }) => check === 'lost')).toMatchObject({
    ...{ status: 'fail', measured: 6 },
  });
});
