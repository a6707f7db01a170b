import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const bin = path.resolve(import.meta.dirname, '../../../src/bin.js');

/** Prints the package of every loaded module at the end. */
const watch = `
import { registerHooks } from 'node:module';
const packages = new Set();
registerHooks({
  load: (url, context, next) => {
    packages.add(/.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]);
    return next(url, context);
  },
});
process.on('exit', () => console.log(JSON.stringify([...packages].filter(Boolean).sort())));`;

test('planning a scenario loads no library that starts processes or connects to a server', () => {
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, bin];
  const { stdout } = spawnSync(process.execPath, [...argv, 'check', 'partition-5s', '--json'], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toEqual(['commander', 'yaml', 'zod']);
});
