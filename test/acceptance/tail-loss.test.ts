import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { latestResult, runCli } from '../helpers/cli.ts';
import { pastForkAndLost } from '../helpers/past-fork.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-tail-'));
afterAll(() => rmSync(reports, { recursive: true }));

test('what is past the fork by LSN is exactly what reading does not find', async () => {
  const { exitCode } = await runCli(['run', 'async-tail-loss'], { reports });
  const result = latestResult(reports, 'async-tail-loss');
  expect({ exitCode, pattern: result.lossPattern }).toEqual({
    exitCode: 0,
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
  // The loss is the divergent tail, but for what its clients were not told of any more.
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
  // ttl is 20 s, and was renewed up to a loop before.
  expect(after.detectMs).toBeGreaterThan(10_000);
  expect(after.electMs).toBeGreaterThanOrEqual(after.detectMs!);

  const again = await runCli(['judge', 'async-tail-loss'], { reports });
  expect(again.exitCode).toBe(0);
  expect(latestResult(reports, 'async-tail-loss')).toEqual(result);
}, 240_000);
