import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { latestResult, runCli } from '../helpers/cli.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-staged-'));
afterAll(() => rmSync(reports, { recursive: true }));

test('a staged loss is exact to the row, whatever the number, clients and workers', async () => {
  const sets = ['faults.2.writes=37', 'expect.lost=37', 'load.clients=50', 'load.workers=3'];
  const args = ['run', 'staged-loss', ...sets.flatMap((set) => ['--set', set])];
  const { exitCode } = await runCli(args, { reports });
  const { status, problems, writes, lostRanges, lossPattern, outage, faults } = latestResult(
    reports,
    'staged-loss',
  );
  expect({ exitCode, status, problems, lost: writes.lost, lossPattern }).toEqual({
    exitCode: 0,
    status: 'pass',
    problems: [],
    lost: 37,
    lossPattern: { kind: 'tail' },
  });
  // Each of a few writers had one row let through, and no writer has a gap in its tail.
  expect(lostRanges.length).toBe(new Set(lostRanges.map(({ writer }) => writer)).size);
  const killed = faults.find(({ fault }) => fault === 'kill-node');
  const cut = faults.find(({ fault }) => fault === 'partition');
  expect(killed?.targets).toEqual(cut?.targets);
  // The failover takes some 20 s, during which the load is held.
  expect(outage.longestMs).toBeLessThan(10_000);
  expect(outage.held?.[0]?.fromMs).toBeGreaterThanOrEqual(3_000);
  expect(outage.held?.[0]?.untilMs).toBeGreaterThan(15_000);
});
