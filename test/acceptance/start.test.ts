import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startOf } from '../../bench/support/start-cost.ts';

const bin = path.resolve(import.meta.dirname, '../../src/bin.js');

/** How long an empty Node takes differs between machines far more than how long modules take. */
const libraries = `import 'commander'; import 'yaml'; import 'zod';`;

test('a warm `forkpoint check` takes at most 3.5 times as long as a Node that only loads its libraries', () => {
  const cache = mkdtempSync(path.join(tmpdir(), 'forkpoint-start-'));
  try {
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const check = [bin, 'check', 'partition-5s'];
    startOf(check, env);
    // Alternating, so that both see the same load of the machine; the minimum of each is the time of the work itself.
    const tries = [1, 2, 3, 4, 5].map(() => [
      startOf(check, env).cpuSeconds,
      startOf(['--input-type=module', '-e', libraries], env).cpuSeconds,
    ]);
    const least = (index: 0 | 1) => Math.min(...tries.map((pair) => pair[index] ?? Infinity));
    expect(least(0) / least(1)).toBeLessThan(3.5);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
