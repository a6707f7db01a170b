import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder: string;

/** As a user with Node 24 and nothing of Forkpoint. */
async function inFolder(command: string, ...argv: readonly string[]): Promise<string> {
  const bin = path.dirname(process.execPath);
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, FORKPOINT_REPORTS: '' };
  Reflect.deleteProperty(env, 'FORKPOINT_REPORTS');
  const { stdout } = await run(command, argv, { cwd: folder, env, maxBuffer: 64e6 });
  return stdout;
}

describe('the package', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-package-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
    });
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string }[];
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module", "private": true }');
    await inFolder('npm', 'install', '--no-audit', '--no-fund', `./${packed?.filename ?? ''}`);
    // The user's own packages: what the page on library use installs beside Forkpoint.
    await inFolder('ln', '-s', path.join(root, 'node_modules/vitest'), 'node_modules/vitest');
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true }));

  test('checks a shipped scenario from an empty folder', { timeout: 60_000 }, async () => {
    expect(await inFolder('npx', 'forkpoint', 'check', 'partition-5s')).toContain(
      'A 5 s partition of the leader costs no acknowledged write and no failover.',
    );
  });

  test(
    'runs a scenario from an empty folder and writes its report',
    { timeout: 180_000 },
    async () => {
      const set = ['--set', 'load.duration=3s'];
      const said = await inFolder('npx', 'forkpoint', 'run', 'baseline', ...set, '--quiet');
      expect(said).toContain('Verdict: PASS');
      const report = path.join(folder, 'reports/baseline/latest/report.html');
      expect(await readFile(report, 'utf8')).toMatch(/All \d+ demands of the scenario hold/);
    },
  );

  test('its doctor names only commands of the package, whatever is missing', async () => {
    const env = ['-u', 'DOCKER_HOST', 'FORKPOINT_DOCKER_IMAGE=none:pg17'];
    const doctor = 'npx forkpoint doctor --backend docker; test $? = 4';
    const said = await inFolder('env', ...env, 'sh', '-c', doctor);
    expect(said).toMatch(/npx forkpoint doctor --backend docker --install/);
    expect(said).not.toMatch(/npm run/);
  });

  test('runs the test that the page on library use shows', { timeout: 240_000 }, async () => {
    const page = await readFile(path.join(root, 'docs/library.md'), 'utf8');
    const [, code = ''] = /```ts\n\/\/ ha\.test\.ts\n([^]*?)```/.exec(page) ?? [];
    await writeFile(path.join(folder, 'ha.test.ts'), code);
    const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
    const said = await inFolder(process.execPath, vitest, 'run', '--root', folder, '--no-color');
    expect(said).toMatch(/Tests\s+1 passed/);
  });
});
