import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../../../src/contracts/result.ts';
import { runLog } from '../../../../src/evidence/store/run-log.ts';

const folder = path.resolve('test/fixtures/stored-runs/async-tail-loss');
const result = JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8')) as Result;

test('the logs of every node of a stored run are placed on the time of its load', () => {
  const { lines } = runLog(folder, result)!;
  const programs = new Set(lines.map(([, node, program]) => `${node} ${program}`));
  expect([...programs].sort()).toEqual(
    ['pg1', 'pg2', 'pg3'].flatMap((node) => [`${node} patroni`, `${node} postgres`]),
  );
  expect(lines.map(([atMs]) => atMs)).toEqual(lines.map(([atMs]) => atMs).sort((a, b) => a - b));
  // Patroni promotes when the lock of the killed leader has expired, and before the new primary acknowledges.
  const promoted = lines.find(([, , , text]) => text.includes('promoted self to leader'))!;
  const { perFault } = result.outage;
  expect(promoted[0]).toBeGreaterThan(perFault.at(-1)!.fromMs!);
  expect(promoted[0]).toBeLessThan(perFault.at(-1)!.untilMs!);
});

test('a run without logs has no excerpt', () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'forkpoint-logs-'));
  try {
    expect(runLog(empty, result)).toBe(undefined);
    mkdirSync(path.join(empty, 'logs/pg1'), { recursive: true });
    expect(runLog(empty, result)).toBe(undefined);
  } finally {
    rmSync(empty, { recursive: true });
  }
});
