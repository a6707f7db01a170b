import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { removeLeftFolders } from '../../../../src/commands/support/left-folders.ts';
import { waitUntil } from '../../../../src/std/wait.ts';
import { temporaryFolder } from '../../../../src/std/temporary-folder.ts';

const place = mkdtempSync(path.join(tmpdir(), 'left-folders-'));
vi.stubEnv('TMPDIR', place);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

test('of temporary folders only those are removed whose process is gone', async () => {
  const { pid: dead } = spawnSync('true');
  const own = await temporaryFolder('salvage');
  const left = path.join(place, `forkpoint-salvage-${dead}-aB3_x9`);
  mkdirSync(path.join(left, 'data'), { recursive: true });
  const strangers = [
    'somebodys-folder',
    `forkpoint-salvage-wal-${dead}-aB3_x9`,
    'forkpoint-open-abcdef',
  ];
  for (const name of strangers) mkdirSync(path.join(place, name));
  const link = `forkpoint-open-${dead}-aB3_x9`;
  symlinkSync(own, path.join(place, link));
  expect(await removeLeftFolders()).toEqual([left]);
  const kept = [own, ...[...strangers, link].map((name) => path.join(place, name))];
  expect([left, ...kept].filter((folder) => existsSync(folder))).toEqual(kept);
});

test('a process that began after the folder was made has not made it', async () => {
  const made = path.join(place, 'made-before');
  mkdirSync(made);
  const { birthtimeMs } = statSync(made);
  // Times of processes are known to a tick, and are compared with a second to spare.
  const isLater = () => Promise.resolve(Date.now() > birthtimeMs + 1_500);
  await waitUntil('a process would be younger', isLater, { timeoutMs: 10_000 });
  const younger = spawn('sleep', ['60']);
  try {
    const left = path.join(place, `forkpoint-bundle-${younger.pid}-aaaaaa`);
    renameSync(made, left);
    expect(await removeLeftFolders()).toEqual([left]);
  } finally {
    younger.kill();
  }
});
