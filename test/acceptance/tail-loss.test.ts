import { cpSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { liveLabs } from '../../src/backends/local/record.ts';
import local from '../../src/backends/local.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import type { Result } from '../../src/contracts/result.ts';
import { connect } from '../../src/pg/connect.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { lastBeforeFork, pastForkAndLost, type WriteBeforeFork } from '../helpers/past-fork.ts';

const { folder: reports } = ownedBySuite().use(temporaryReports());

test('the acknowledged writes past the fork point are exactly those that the read-back misses, and rows deleted by hand before it are unexplained', async () => {
  await using held = await startHeld();
  const result = latestResult(reports, 'async-tail-loss');
  expect({ status: result.status, pattern: result.lossPattern }).toEqual({
    status: 'pass',
    pattern: { kind: 'tail' },
  });
  const { pastFork, lost } = await pastForkAndLost(path.join(reports, 'async-tail-loss', 'latest'));
  expect(lost.length).toBeGreaterThan(0);
  expect(pastFork).toEqual(lost);
  expect(new Set(result.lostRanges.map(({ cause }) => cause))).toEqual(new Set(['forked']));
  expect(result.forks).toEqual([
    {
      parentTimeline: 1,
      timeline: 2,
      lsn: result.forks[0]!.lsn,
      oldPrimary: result.faults[0]!.targets[0],
      newPrimary: result.forks[0]!.newPrimary,
      takenOverAtMs: result.forks[0]!.takenOverAtMs,
      divergentBytes: result.forks[0]!.divergentBytes,
    },
  ]);
  const { divergentBytes, takenOverAtMs } = result.forks[0]!;
  expect(divergentBytes).toBeGreaterThan(0);
  // The loss is the divergent tail, except for writes that were not acknowledged any more.
  expect(result.rpo).toEqual({
    records: result.writes.lost! + result.writes.lostUpdates!,
    bytes: divergentBytes,
    seconds: result.rpo.seconds,
  });
  expect(result.rpo.seconds).toBeGreaterThan(1);
  expect(result.rpo.seconds).toBeLessThan(10);
  const kill = result.faults.find(({ fault }) => fault === 'kill-node')!;
  expect(result.rto).toEqual({ ms: takenOverAtMs! - kill.injectedAtMs!, fault: kill.id });
  const after = result.outage.perFault.find(({ fault }) => fault === kill.id)!;
  expect(after.firstAckMs).toBe(result.rto.ms);
  // ttl is 20 s, and the lock was renewed up to one loop before.
  expect(after.detectMs).toBeGreaterThan(10_000);
  expect(after.electMs).toBeGreaterThanOrEqual(after.detectMs!);

  await deletedByHandIsUnexplained(result);
  expect(await held.end()).toBe(0);

  // With the times of its end, which were unknown while the cluster was held.
  const whole = latestResult(reports, 'async-tail-loss');
  const again = await runCli(['judge', 'async-tail-loss'], { reports });
  expect(again.exitCode).toBe(0);
  expect(latestResult(reports, 'async-tail-loss')).toEqual(whole);
}, 300_000);

/** A run that holds its cluster after its report, until it is ended. */
async function startHeld(): Promise<{ end(): Promise<number | null> } & AsyncDisposable> {
  const run = startCli(['run', 'async-tail-loss', '--keep'], { reports });
  let isOver = false;
  const end = async (): Promise<number | null> => {
    run.interrupt();
    const { exitCode } = await run.done;
    isOver = true;
    return exitCode;
  };
  try {
    await run.untilStderr('The cluster is held until Ctrl-C');
  } catch (error) {
    run.kill();
    throw error;
  }
  return {
    end,
    [Symbol.asyncDispose]: async () => {
      if (!isOver) await end();
    },
  };
}

/** Five rows right before the fork point: neither their WAL position nor anything else explains why they are gone. */
async function deletedByHandIsUnexplained(result: Result): Promise<void> {
  const planted = path.join(reports, 'async-tail-loss', 'planted');
  // The run's own harness still holds its cluster.
  cpSync(path.join(reports, 'async-tail-loss', 'latest'), planted, {
    recursive: true,
    dereference: true,
  });
  const gone = await lastBeforeFork(planted, 5);
  expect(gone.map(({ bytesBefore }) => bytesBefore < 16_384)).toEqual(Array(5).fill(true));
  await deleteOnPrimary(result, gone);
  const { exitCode, stdout } = await runCli(['verify', planted, '--lab', result.runId], {
    reports,
  });
  expect({ exitCode, verdict: /Verdict: (\w+)/.exec(stdout)?.[1] }).toEqual({
    exitCode: 1,
    verdict: 'FAIL',
  });
  const verified = latestResult(reports, 'async-tail-loss', 'planted');
  expect(verified.writes.lost).toBe(result.writes.lost! + 5);
  const causes = Map.groupBy(verified.lostRanges, ({ cause }) => cause);
  expect([...causes.keys()].sort()).toEqual(['forked', 'unexplained']);
  const unexplained = causes
    .get('unexplained')!
    .flatMap(({ writer, from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => `${writer} ${from + index}`),
    );
  expect(unexplained.sort()).toEqual(gone.map(({ writer, seq }) => `${writer} ${seq}`).sort());
}

async function deleteOnPrimary(
  { runId, forks }: Result,
  rows: readonly WriteBeforeFork[],
): Promise<void> {
  const record = (await liveLabs()).find(({ id }) => id === runId)!;
  await using cluster = await local.attach!(record);
  const primary = cluster.nodes.find(({ name }) => name === forks[0]?.newPrimary);
  await using session = await connect(primary!.observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
  });
  const deleted = await session.rows(
    `DELETE FROM ${schemaOf(runId)}.ledger WHERE (writer, seq) IN
       (SELECT * FROM unnest($1::int[], $2::int[])) RETURNING seq`,
    [rows.map(({ writer }) => writer), rows.map(({ seq }) => seq)],
  );
  expect(deleted.length).toBe(rows.length);
}
