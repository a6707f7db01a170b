import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/std/exec.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('no suite disposes in afterAll or afterEach something that its boot may never have made', () => {
  const blind = /after(All|Each)\((async )?\(\) =>[^;]*?\w+\[Symbol\.(asyncD|d)ispose\]/;
  const files = globSync('test/**/*.test.ts', { cwd: root });
  const wrong = files.filter((file) => blind.test(readFileSync(path.join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});

test('on a host that lacks what tests need and cannot install it, one message is printed and no test runs', async () => {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const file = 'test/unit/pg/connect.test.ts';
  const told = await run([process.execPath, vitest, 'run', '--project', 'server', file], {
    cwd: root,
    env: { FORKPOINT_PG_BIN: '/nowhere' },
    timeoutMs: 110_000,
  });
  expect([told.exitCode, told.stderr.match(/PostgreSQL: /g)?.length]).toEqual([4, 1]);
  expect(told.stderr).toMatch(/^The tests need what this host lacks\.\nPostgreSQL: no postgres/);
  expect(told.stdout + told.stderr).not.toMatch(/TypeError|passed|failed/);
});
