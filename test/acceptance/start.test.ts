import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const bin = path.resolve(import.meta.dirname, '../../src/bin.ts');

/** CPU time of one start: a busy machine makes it wait, and not work. */
function cpuSecondsOf(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const line = '"$@" > /dev/null 2>&1; times';
  const { stdout } = spawnSync('bash', ['-c', line, 'bash', process.execPath, ...args], {
    encoding: 'utf8',
    env,
  });
  // The second line is of the children: '0m0.123s 0m0.045s'.
  const times = [...(stdout.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  expect(times).toHaveLength(2);
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

test('a warm `forkpoint check` takes at most twelve times what an empty Node does', () => {
  const cache = mkdtempSync(path.join(tmpdir(), 'forkpoint-start-'));
  try {
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const check = [bin, 'check', 'partition-5s'];
    cpuSecondsOf(check, env);
    // In turn, so that both meet the same machine; the least of each is what the work itself takes.
    const tries = [1, 2, 3, 4, 5].map(() => [
      cpuSecondsOf(check, env),
      cpuSecondsOf(['-e', '0'], env),
    ]);
    const least = (index: 0 | 1) => Math.min(...tries.map((pair) => pair[index] ?? Infinity));
    expect(least(0) / least(1)).toBeLessThan(12);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
