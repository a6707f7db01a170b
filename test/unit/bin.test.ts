import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const bin = path.resolve(import.meta.dirname, '../../src/bin.js');

function runOn(version: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const argv = ['--import', `data:text/javascript,${pretend}`, bin, 'check', 'partition-5s'];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('on a Node that is too old the package names the version it needs, and how to get it', () => {
  expect(runOn('22.21.1')).toEqual({
    status: 4,
    stdout: '',
    stderr: expect.stringMatching(
      /^forkpoint needs Node 24 or later, and this is .*\n.*npx -p node@24 -p forkpoint forkpoint/,
    ) as string,
  });
});

test('on a new enough Node it runs the command', () => {
  expect(runOn(process.versions.node)).toEqual({
    status: 0,
    stderr: '\npartition-5s is valid; nothing was started\n',
    stdout: expect.stringContaining('claim     A 5 s partition') as string,
  });
});
