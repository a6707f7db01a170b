import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startRun } from '../../../src/suite/start-run.ts';
import { type LongWait, onLongWait } from '../../../src/std/wait.ts';
import { runCli } from '../../helpers/cli.ts';
import { storeRun } from '../../helpers/stored-run.ts';
import { plannedEntry } from '../../helpers/suite.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-waits-'));
afterAll(() => rmSync(reports, { recursive: true }));

test('verify reports what it waits for, since when and how long at most', async () => {
  const run = path.join(reports, 'scenario', '20260101T000000Z');
  await storeRun(run);
  const server = 'pg1=postgres://nobody@127.0.0.1:1/nowhere';
  const { stderr } = await runCli(['verify', run, '--dsn', server, '--wait', '7s'], { reports });
  expect(stderr).toMatch(
    /waiting until the cluster has converged: 5\.\d s of at most 7\.0 s; last seen: no node is primary\n/,
  );
});

test('the progress of a run in a process of its own is reported', async () => {
  const log = path.join(reports, 'run.log');
  const told: LongWait[] = [];
  using _listening = onLongWait((wait) => told.push(wait));
  const says = 'console.log("   1.2 s  converge\\n"); setTimeout(() => undefined, 900)';
  const entry = plannedEntry('slow', '1s');
  await startRun(entry, {
    cli: [process.execPath, '-e', says, '--'],
    log,
    tellEveryMs: 400,
    signal: new AbortController().signal,
  });
  const minutes = 60_000;
  expect(told.at(-1)).toEqual({
    what: `${entry.label} has ended`,
    waitedMs: expect.any(Number) as number,
    timeoutMs: expect.any(Number) as number,
    lastSeen: 'converge',
  });
  expect(told.at(-1)?.timeoutMs).toBeGreaterThan(15 * minutes);
});
