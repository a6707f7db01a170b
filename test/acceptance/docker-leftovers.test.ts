import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { cleanLeftovers } from '../../src/backends/docker/leftovers.ts';
import { ScenarioError } from '../../src/std/errors.ts';
import { monotonicMs, waitUntil } from '../../src/std/wait.ts';
import { bootDocker, hasDocker, inEngine, isRootOnLinux } from '../helpers/docker.ts';
import { shape } from '../helpers/local-lab.ts';
import { reaperImage } from '../helpers/reaper-image.ts';

const temporary = mkdtempSync(path.join(tmpdir(), 'forkpoint-left-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/**
 * A harness in a process of its own that holds a cluster until it is killed. With a host name of its own, if that is
 * possible, other tests' starts do not take what it leaves for orphans of this host.
 */
async function hangInDocker(env?: Readonly<Record<string, string>>) {
  const program = path.join(import.meta.dirname, '../helpers/hang-in-docker.ts');
  const elsewhere = ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere; exec "$0" "$@"'];
  const prefix = env && isRootOnLinux ? elsewhere : [];
  const [command, ...args] = [...prefix, process.execPath, program];
  const harness = spawn(command, args, {
    // What a killed process leaves of its own folder goes with this one.
    env: { ...process.env, ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [id] = (await once(createInterface({ input: harness.stdout }), 'line')) as [string];
  return { harness, id };
}

async function containersOf(image: string) {
  return openEngine().listContainers({ all: true, filters: { ancestor: [image] } });
}

describe.skipIf(!hasDocker)('containers', () => {
  test('of two clusters boot at the same time, and end in less time than that, leaving nothing', async () => {
    const bootingMs = monotonicMs();
    const [one, other] = await Promise.all([bootDocker({ nodes: 2 }), bootDocker({ nodes: 2 })]);
    const wanted = ['pg1 primary 1', 'pg2 replica 1 streaming'];
    expect([await shape(one), await shape(other)]).toEqual([wanted, wanted]);
    const endingMs = monotonicMs();
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    // Docker waits 10 s for a container that is stopped and not killed: for each of these in turn it would be far longer.
    expect(monotonicMs() - endingMs).toBeLessThan(endingMs - bootingMs);
    expect(await inEngine()).toEqual([]);
  });

  test('of a run killed with SIGKILL are removed by `clean`, those of a running one are not', async () => {
    await using living = await bootDocker({ nodes: 1 });
    const { harness, id } = await hangInDocker();
    expect((await inEngine(id)).length).toBeGreaterThan(4);
    expect(await cleanLeftovers()).not.toContain(id);

    const ended = once(harness, 'exit');
    harness.kill('SIGKILL');
    await ended;
    expect(await cleanLeftovers()).toContain(id);
    expect(await inEngine(id)).toEqual([]);
    expect(await shape(living)).toEqual(['pg1 primary 1']);
  });

  test("of a killed run are removed by testcontainers' reaper, without another start", async () => {
    await using reaper = await reaperImage();
    const env = {
      RYUK_CONTAINER_IMAGE: reaper.name,
      TESTCONTAINERS_RYUK_DISABLED: 'false',
      TESTCONTAINERS_RYUK_RECONNECTION_TIMEOUT: '1s',
    };
    const { harness, id } = await hangInDocker(env);
    expect((await inEngine(id)).length).toBeGreaterThan(4);
    const ended = once(harness, 'exit');
    harness.kill('SIGKILL');
    await ended;
    const isGone = async () => (await inEngine(id)).length === 0;
    await waitUntil('the reaper has removed the cluster', isGone, { timeoutMs: 30_000 });
    const isReaperGone = async () => (await containersOf(reaper.name)).length === 0;
    await waitUntil('the reaper is gone itself', isReaperGone, { timeoutMs: 30_000 });
  });

  test('do not keep a program alive that has ended its cluster: no connection to the engine stays open', async () => {
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

  test('are all gone after an interrupted boot, which ends with the reason', async () => {
    const stop = new AbortController();
    const reason = new Error('Ctrl-C');
    setTimeout(() => stop.abort(reason), 2_000);
    await expect(bootDocker({}, stop.signal)).rejects.toBe(reason);
    expect(await inEngine()).toEqual([]);
  });

  test('are all gone after a failed boot, which names what ended, with the last lines of its log', async () => {
    const wrong = { parameters: { shared_preload_libraries: 'no_such_library' }, nodes: 1 };
    await expect(bootDocker(wrong)).rejects.toThrow(/pg1: Patroni has ended[^]*no_such_library/);
    expect(await inEngine()).toEqual([]);
  });

  test('are not made for times that this Patroni would not apply', async () => {
    const patroni = { ttl: 5, loop_wait: 1, retry_timeout: 2 };
    await expect(bootDocker({ patroni, nodes: 1 })).rejects.toThrow(ScenarioError);
    expect(await inEngine()).toEqual([]);
  });
});
