import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EnvironmentError } from '../../../src/std/errors.ts';
import { saveBaseline } from '../../../src/history/baseline.ts';
import { writeIndex } from '../../../src/history/write-index.ts';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'forkpoint-write-index-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const baseline = { schemaVersion: 1, name: 'x', savedAt: '', from: '', runs: [] } as const;

test.each([
  ['index.html', '.', (reports: string) => writeIndex(reports, { runs: [], skipped: [] })],
  ['x.json', 'baselines', (reports: string) => saveBaseline(reports, baseline)],
])('a %s that cannot be written leaves nothing half written behind', async (name, at, write) => {
  const reports = folder();
  // What stands in the way of the last step, as a full disk does of the first.
  mkdirSync(path.join(reports, at, name, 'in-the-way'), { recursive: true });
  await expect(write(reports)).rejects.toThrow(EnvironmentError);
  expect(readdirSync(path.join(reports, at))).toEqual([name]);
});
