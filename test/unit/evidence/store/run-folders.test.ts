import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EnvironmentError, ScenarioError } from '../../../../src/std/errors.ts';
import { findRun, newRunFolder } from '../../../../src/evidence/store/run-folders.ts';

let reports: string;
beforeEach(() => {
  reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-paths-'));
  vi.stubEnv('FORKPOINT_REPORTS', reports);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(reports, { recursive: true });
});

test('runs that start at the same moment get separate folders, and latest is one of them', async () => {
  const now = new Date('2026-11-20T20:09:12Z');
  const folders = await Promise.all(Array.from({ length: 20 }, () => newRunFolder('cut', now)));
  expect(new Set(folders).size).toBe(20);
  const latest = readlinkSync(path.join(reports, 'cut', 'latest'));
  expect(folders.map((folder) => path.basename(folder))).toContain(latest);
});

test.skipIf(process.platform !== 'linux')(
  'a reports folder where no folder can be made is refused, without endless retries',
  async () => {
    vi.stubEnv('FORKPOINT_REPORTS', '/proc/forkpoint');
    await expect(newRunFolder('cut', new Date())).rejects.toThrow(EnvironmentError);
  },
);

test('a reports folder that cannot be written is an error of the host, and is named', async () => {
  vi.stubEnv('FORKPOINT_REPORTS', import.meta.filename);
  const made = newRunFolder('cut', new Date());
  await expect(made).rejects.toThrow(EnvironmentError);
  await expect(made).rejects.toThrow(path.join(import.meta.filename, 'cut'));
});

test('a name that is no run is refused with the paths that were tried', async () => {
  const found = findRun('nosuch');
  await expect(found).rejects.toThrow(ScenarioError);
  await expect(found).rejects.toThrow(path.join(reports, 'nosuch', 'latest'));
});
