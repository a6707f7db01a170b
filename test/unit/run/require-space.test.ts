import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { NodeSpace } from '../../../src/contracts/cluster.ts';
import type { LoadSpec } from '../../../src/contracts/scenario.ts';
import { freeSpace } from '../../../src/machine/free-space.ts';
import { estimate, requireSpace } from '../../../src/run/require-space.ts';
import { localShell } from '../../../src/shells/local.ts';

const { signal } = new AbortController();
const load = {
  ...{ clients: 16, ratePerSecond: 1_000, durationMs: 60_000, payloadBytes: 256, batch: 1 },
  mix: { insert: 1, update: 0, delete: 0 },
} as unknown as LoadSpec;

async function said(space: NodeSpace, spec = load): Promise<readonly string[]> {
  const lines: string[] = [];
  const foreign = { minFreeConnections: 5, space: () => Promise.resolve([space]) };
  const note = (line: string): void => void lines.push(line);
  await requireSpace({ foreign }, spec, { note, signal }).catch((error: unknown) => {
    lines.push(String(error));
  });
  return lines;
}

test('a load that may not fit the disk of a node is refused with the figures', async () => {
  const small = { node: 'db1', dataBytes: 40_000_000, walBytes: 40_000_000, isOne: true };
  expect(await said(small)).toEqual([
    expect.stringMatching(
      /EnvironmentError: db1: 40.0 MB are free, and the load may take 27.4 MB of data and 27.4 MB of WAL \(1000 operations\/s, for 60.0 s\)\. Plan/,
    ),
  ]);
  expect(await said({ ...small, isOne: false })).toEqual([]);
});

test('free space that is not known is said, and not assumed', async () => {
  expect(await said({ node: 'db1', unknown: 'no shell' })).toEqual([
    expect.stringContaining('db1: how much disk space is free is not known (no shell)'),
  ]);
});

test('without a rate the most that its clients can do is assumed; a load without an end counts for an hour', () => {
  const { dataBytes } = estimate({ ...load, ratePerSecond: undefined as never });
  expect(dataBytes).toBe(16 * 500 * 60 * 456);
  const watch = estimate({ ...load, durationMs: 86_400_000, isOpenEnded: true });
  expect(watch.dataBytes).toBe(1_000 * 3_600 * 456);
});

test('the free space of a machine is read; what is not there is unknown', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-space-'));
  try {
    mkdirSync(path.join(folder, 'pg_wal'));
    const { bavail, bsize } = statfsSync(folder);
    const here = await freeSpace({ name: 'db1', shell: localShell }, folder, signal);
    expect(here).toMatchObject({ node: 'db1', isOne: true });
    const bytes = 'dataBytes' in here ? here.dataBytes : NaN;
    expect(Math.abs(bytes - bavail * bsize)).toBeLessThan(1e9);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const found = await freeSpace({ name: 'db1', shell: localShell }, '/nowhere', signal);
  expect(found).toEqual({ node: 'db1', unknown: expect.stringContaining('/nowhere') as unknown });
});
