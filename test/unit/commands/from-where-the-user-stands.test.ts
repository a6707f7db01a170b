import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

test('through npm a relative path starts from the folder of the user', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'forkpoint-init-cwd-')));
  try {
    const text = 'name: mine\nclaim: It is mine.\nload: { duration: 1s }\n';
    writeFileSync(path.join(folder, 'mine.yaml'), text);
    const args = ['--prefix', root, 'run', '--silent', 'forkpoint', '--', 'check', './mine.yaml'];
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '\n./mine.yaml is valid; nothing was started\n']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('--version prints the version', () => {
  const argv = [path.join(root, 'src/bin.js'), '--version'];
  const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
});
