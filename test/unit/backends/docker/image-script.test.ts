import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../../../src/std/exec.ts';

const folder = path.resolve(import.meta.dirname, '../../../../docker');

/** The output of a build before it builds anything: no engine answers here. */
async function build(env: Readonly<Record<string, string>>, scripts = folder) {
  const none = { DOCKER_HOST: 'unix:///nonexistent.sock', POSTGRES_MAJOR: '', SUITE: '' };
  const { exitCode, stderr } = await run(['bash', `${scripts}/build-image.sh`], {
    env: { ...none, ...env },
  });
  return { exitCode, stderr };
}

test('an image whose tag names another PostgreSQL than POSTGRES_MAJOR is not built', async () => {
  const FORKPOINT_DOCKER_IMAGE = 'forkpoint-cluster:pg15';
  expect(await build({ FORKPOINT_DOCKER_IMAGE, POSTGRES_MAJOR: '17' })).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/says PostgreSQL 15 and POSTGRES_MAJOR says 17/) as string,
  });
});

test("an image's tag decides which PostgreSQL is in it", async () => {
  expect(await build({ FORKPOINT_DOCKER_IMAGE: 'mine:pg16' })).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/no Debian release has PostgreSQL 16/) as string,
  });
});

test('without an engine a build reports that none answers, and does not blame a registry', async () => {
  const { exitCode, stderr } = await build({});
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/^docker:image: (no engine answers|there is no docker command)/);
  expect(stderr).not.toMatch(/registry/);
});

test('advice in a clone names npm scripts, in the npm package its own files', async () => {
  const installed = mkdtempSync(path.join(tmpdir(), 'forkpoint-package-'));
  const scripts = path.join(installed, 'docker');
  cpSync(folder, scripts, { recursive: true });
  try {
    const said = [await build({}), await build({ POSTGRES_MAJOR: '16' })];
    const saidThere = [await build({}, scripts), await build({ POSTGRES_MAJOR: '16' }, scripts)];
    const commands = (all: readonly { readonly stderr: string }[]) =>
      all.map(
        ({ stderr }) => /(?:npm run|bash) \S*(?:docker|engine|image)\S*(?: --)?/.exec(stderr)?.[0],
      );
    expect(commands(said)).toEqual(['npm run docker:engine --', 'npm run docker:image']);
    expect(commands(saidThere)).toEqual([
      `bash ${scripts}/engine.sh`,
      `bash ${scripts}/build-image.sh`,
    ]);
  } finally {
    rmSync(installed, { recursive: true });
  }
});
