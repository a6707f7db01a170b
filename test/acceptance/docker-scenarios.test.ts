import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { Result } from '../../src/contracts/result.ts';
import { run } from '../../src/std/exec.ts';
import { hasDocker } from '../helpers/docker.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-docker-runs-'));
afterAll(() => rmSync(reports, { recursive: true }));

const cli = path.resolve(import.meta.dirname, '../../src/bin.js');
const timeoutMs = 240_000;
const canRunLocal = (await local.preflight()).every(({ isMissing }) => !isMissing);

/** `forkpoint run` as a user would call it. */
async function runOn(
  backend: string,
  scenario: string,
): Promise<{ readonly exitCode: number; readonly said: string; readonly result: Result }> {
  const argv = [process.execPath, cli, 'run', scenario, '--backend', backend, '--seed', '1'];
  const env = { FORKPOINT_REPORTS: path.join(reports, backend) };
  const { exitCode, stdout, stderr } = await run(argv, { env, timeoutMs });
  const file = path.join(reports, backend, scenario, 'latest', 'result.json');
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
  return { exitCode, said: `${stderr}\n${stdout}`, result };
}

/** The result of a run, without the values that differ from run to run. */
function classesOf({ status, lossPattern, failovers, forks, lostRanges, writes }: Result) {
  return {
    status,
    pattern: lossPattern,
    failovers,
    forks: forks.length,
    causes: [...new Set(lostRanges.map(({ cause }) => cause))],
    hasLost: (writes.lost ?? 0) > 0,
    unexpected: writes.unexpected,
    corrupted: writes.corrupted,
    duplicated: writes.duplicated,
  };
}

describe.skipIf(!hasDocker)('on containers', () => {
  test.each([
    'partition-5s',
    'graceful-switchover',
    'sync-partition-no-loss',
    'single-crash-recovery',
  ])(
    '%s loses nothing and passes',
    async (scenario) => {
      const { exitCode, said, result } = await runOn('docker', scenario);
      expect({ exitCode, lost: result.writes.lost }, said).toEqual({ exitCode: 0, lost: 0 });
      expect(result.writes.acknowledged).toBeGreaterThan(1_000);
    },
    timeoutMs,
  );

  test(
    'async-tail-loss loses a tail past the fork point, on containers as on this host',
    async () => {
      const { exitCode, said, result } = await runOn('docker', 'async-tail-loss');
      expect(exitCode, said).toBe(0);
      const classes = classesOf(result);
      expect(classes).toEqual({
        status: 'pass',
        pattern: { kind: 'tail' },
        failovers: 1,
        forks: 1,
        causes: ['forked'],
        hasLost: true,
        unexpected: 0,
        corrupted: 0,
        duplicated: 0,
      });
      if (!canRunLocal) return;
      const here = await runOn('local', 'async-tail-loss');
      expect(classesOf(here.result), here.said).toEqual(classes);
    },
    2 * timeoutMs,
  );
});
