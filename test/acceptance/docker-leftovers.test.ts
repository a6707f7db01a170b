import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../src/backends/docker/engine.ts';
import { cleanLeftovers } from '../../src/backends/docker/leftovers.ts';
import { EnvironmentError, ScenarioError } from '../../src/errors.ts';
import { monotonicMs } from '../../src/wait.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { shape } from '../helpers/local-lab.ts';

const temporary = mkdtempSync(path.join(tmpdir(), 'forkpoint-left-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Makes the cluster's image one whose containers do nothing but this. */
async function imageThat(script: string): Promise<AsyncDisposable> {
  const engine = openEngine();
  const Entrypoint = ['sh', '-c', script];
  const made = await engine.createContainer({
    Image: 'forkpoint-cluster:pg17',
    Entrypoint,
    Cmd: [],
  });
  await made.commit({ repo: 'forkpoint-test', tag: `${process.pid}` });
  await made.remove();
  process.env.FORKPOINT_DOCKER_IMAGE = `forkpoint-test:${process.pid}`;
  return {
    [Symbol.asyncDispose]: async () => {
      delete process.env.FORKPOINT_DOCKER_IMAGE;
      await engine.getImage(`forkpoint-test:${process.pid}`).remove({ force: true });
    },
  };
}

describe.skipIf(!hasDocker)('what containers leave behind', () => {
  test('two clusters boot at the same time, and ending them leaves nothing within 3 s each', async () => {
    const [one, other] = await Promise.all([bootDocker({ nodes: 2 }), bootDocker({ nodes: 2 })]);
    const wanted = ['pg1 primary 1', 'pg2 replica 1 streaming'];
    expect([await shape(one), await shape(other)]).toEqual([wanted, wanted]);
    const startedMs = monotonicMs();
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    expect(monotonicMs() - startedMs).toBeLessThan(6_000);
    expect(await inEngine()).toEqual([]);
  });

  test('what a run killed with SIGKILL left is removed by the next start, and a living run is not', async () => {
    await using living = await bootDocker({ nodes: 1 });
    const program = path.join(import.meta.dirname, '../helpers/hang-in-docker.ts');
    const harness = spawn(process.execPath, [program], {
      // What a killed process leaves of its own folder goes with this one.
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const id = await new Promise<string>((resolve) =>
      createInterface({ input: harness.stdout }).once('line', resolve),
    );
    expect((await inEngine(id)).length).toBeGreaterThan(4);
    expect(await cleanLeftovers()).not.toContain(id);

    const ended = new Promise((resolve) => harness.once('exit', resolve));
    harness.kill('SIGKILL');
    await ended;
    expect(await cleanLeftovers()).toContain(id);
    expect(await inEngine(id)).toEqual([]);
    expect(await shape(living)).toEqual(['pg1 primary 1']);
  });

  test('a program that has ended its cluster ends by itself: no connection to the engine stays open', async () => {
    const program = path.join(import.meta.dirname, '../helpers/boot-and-end-docker.ts');
    const harness = spawn(process.execPath, [program], {
      // What a killed process leaves of its own folder goes with this one.
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => harness.once('exit', resolve));
    await new Promise((resolve) =>
      createInterface({ input: harness.stdout }).once('line', resolve),
    );
    const late = setTimeout(() => harness.kill('SIGKILL'), 5_000);
    expect(await exited).toBe(0);
    clearTimeout(late);
  });

  test('a boot that is interrupted ends with the reason and leaves nothing', async () => {
    const stop = new AbortController();
    const reason = new Error('Ctrl-C');
    setTimeout(() => stop.abort(reason), 2_000);
    await expect(bootDocker({}, stop.signal)).rejects.toBe(reason);
    expect(await inEngine()).toEqual([]);
  });

  test('a boot that fails says what ended, with the last lines of its log, and leaves nothing', async () => {
    const wrong = { parameters: { shared_preload_libraries: 'no_such_library' }, nodes: 1 };
    await expect(bootDocker(wrong)).rejects.toThrow(/pg1: Patroni has ended[^]*no_such_library/);
    expect(await inEngine()).toEqual([]);
  });

  test('times that this Patroni would not run with are refused', async () => {
    const patroni = { ttl: 5, loop_wait: 1, retry_timeout: 2 };
    await expect(bootDocker({ patroni, nodes: 1 })).rejects.toThrow(ScenarioError);
    expect(await inEngine()).toEqual([]);
  });

  test('containers that end at once are an error with what they said, and leave nothing', async () => {
    await using _image = await imageThat('echo the disk is on fire; exit 7');
    const boot = bootDocker({ nodes: 1 });
    await expect(boot).rejects.toThrow(EnvironmentError);
    await expect(boot).rejects.toThrow(/ended at once with exit code 7: the disk is on fire/);
    expect(await inEngine()).toEqual([]);
  });

  test('an image that is not there is an error that says how to build it', async () => {
    process.env.FORKPOINT_DOCKER_IMAGE = 'forkpoint-cluster:absent';
    try {
      const boot = bootDocker({ nodes: 1 });
      await expect(boot).rejects.toThrow(EnvironmentError);
      await expect(boot).rejects.toThrow(/forkpoint-cluster:absent is not there.*docker:image/);
    } finally {
      delete process.env.FORKPOINT_DOCKER_IMAGE;
    }
  });

  test('where every range is taken the error names the way out, and nothing is left', async () => {
    const engine = openEngine();
    const range = { Subnet: '10.214.0.0/16' };
    const taken = await engine.createNetwork({
      ...{ Name: `forkpoint-test-${process.pid}`, IPAM: { Driver: 'default', Config: [range] } },
    });
    process.env.FORKPOINT_DOCKER_PREFIX = '10.214';
    try {
      const boot = bootDocker({ nodes: 1 });
      await expect(boot).rejects.toThrow(EnvironmentError);
      await expect(boot).rejects.toThrow(/no free \/24 in 10\.214.*FORKPOINT_DOCKER_PREFIX/);
      expect(await inEngine()).toEqual([]);
    } finally {
      delete process.env.FORKPOINT_DOCKER_PREFIX;
      await taken.remove();
    }
  });

  test('an engine that does not answer is an error that says how to start one', async () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'unix:///nonexistent/docker.sock';
    try {
      await expect(bootDocker({ nodes: 1 })).rejects.toThrow(/no engine answers.*Start the engine/);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });
});
