import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runLabel } from '../../src/backends/docker/labels.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { run } from '../../src/std/exec.ts';
import { hasDocker } from '../helpers/docker.ts';

const scripts = path.resolve(import.meta.dirname, '../../docker');
const tag = `broken-${process.pid}`;

/** Every container except those of runs, and every image, including layers of builds. */
async function held() {
  const engine = openEngine();
  const [containers, images] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listImages({ all: true }),
  ]);
  const others = containers.filter(({ Labels: labels }) => labels[runLabel] === undefined);
  return [...others, ...images].map(({ Id: id }) => id).sort();
}

describe.skipIf(!hasDocker)('a build of the image', () => {
  test('that fails in a RUN reports it and leaves neither container nor image', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-image-'));
    const engine = openEngine();
    cpSync(scripts, folder, { recursive: true });
    // One step that succeeds, so that there is a layer that could be left, and one that fails.
    const [head = ''] = readFileSync(path.join(scripts, 'Dockerfile'), 'utf8').split(/^RUN /m);
    writeFileSync(path.join(folder, 'Dockerfile'), `${head}RUN touch /made-${tag}\nRUN false\n`);
    // Any image can be the base: the script uses one of this name if the engine has it.
    const base = engine.getImage('forkpoint-cluster:pg17');
    await base.tag({ repo: 'debian', tag: `${tag}-slim` });
    try {
      const before = await held();
      const env = {
        SUITE: tag,
        POSTGRES_MAJOR: '',
        FORKPOINT_DOCKER_IMAGE: `forkpoint-test:${tag}`,
      };
      const { exitCode, stderr } = await run(['bash', path.join(folder, 'build-image.sh')], {
        env,
      });
      expect([exitCode, stderr]).toEqual([
        4,
        expect.stringContaining(`docker build of forkpoint-test:${tag} failed`),
      ]);
      // What others made may end meanwhile.
      expect((await held()).filter((id) => !before.includes(id))).toEqual([]);
    } finally {
      await engine.getImage(`debian:${tag}-slim`).remove();
      rmSync(folder, { recursive: true });
    }
  });
});
