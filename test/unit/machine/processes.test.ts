import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examineProcesses } from '../../../src/backends/external/examine-processes.ts';
import type { ProcessTarget } from '../../../src/contracts/cluster.ts';
import { processControl } from '../../../src/machine/processes.ts';
import { secondMark } from '../../../src/machine/second-mark.ts';
import { commandShell } from '../../../src/shells/support/command-shell.ts';
import { waitUntil } from '../../../src/std/wait.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'processes-'));
  for (const name of ['patroni', 'patroni.py']) {
    const text = '#!/usr/bin/env python3\nimport time\ntime.sleep(600)\n';
    writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A machine of its own: a network namespace in which this program runs. Nothing is signalled before it is known to be in
 * there: the same search in this host's namespace would find the host's servers.
 */
async function machineWith(argv: readonly string[]) {
  const inside = ['sh', '-c', 'echo inside; exec "$@"', 'sh', ...argv];
  const child = spawn('unshare', ['-n', ...inside], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('inside\n');
  const namespace = await readlink(`/proc/${child.pid}/ns/net`);
  expect(namespace).not.toBe(await readlink('/proc/self/ns/net'));
  const enter = ['nsenter', '-t', String(child.pid), '-n', '--'];
  return { name: 'db1', shell: commandShell('a namespace', enter) };
}

function controlOf(machine: Awaited<ReturnType<typeof machineWith>>) {
  return processControl(machine, () => Promise.resolve());
}

test.skipIf(!isRoot).each([
  ['a script that Python runs', ['python3', 'patroni', 'pg1.yml']],
  ['a module, after switches of Python', ['python3', '-u', '-m', 'patroni', 'pg1.yml']],
  ['a script of a checkout', ['python3', './patroni.py', 'pg1.yml']],
  ['a program of a checkout', ['./patroni.py', 'pg1.yml']],
])('Patroni as %s is found, frozen and continued', async (_, argv) => {
  const control = controlOf(await machineWith(argv));
  const state = () => control.state('patroni');
  await waitUntil('it runs', async () => (await state()) === 'running', { timeoutMs: 20_000 });
  await control.signal('patroni', 'SIGSTOP');
  expect(await state()).toBe('frozen');
  await control.signal('patroni', 'SIGCONT');
  expect(await state()).toBe('running');
});

test.skipIf(!isRoot).each<ProcessTarget>(['patroni', 'postgres', 'node'])(
  'a signal to %s is an error where no such process is: nothing would be frozen, killed or stopped',
  async (target) => {
    const control = controlOf(await machineWith(['sleep', '600']));
    for (const signal of ['SIGSTOP', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
      await expect(control.signal(target, signal), signal).rejects.toThrow(
        `no process of ${target} was found`,
      );
    }
    // An undo has to be harmless where there is nothing to undo.
    await control.signal(target, 'SIGCONT');
    expect(await control.state(target)).toBe('gone');
    expect(await control.servers()).toEqual([]);
    expect(await control.signalServers([1, 2, 3], 'SIGKILL')).toEqual([]);
  },
);

test.skipIf(!isRoot)(
  'a server that has ended is none, though nobody has waited for its end',
  async () => {
    const code = `
import os, shutil, time
shutil.copy('/bin/true', 'postgres')
pid = os.spawnv(os.P_NOWAIT, './postgres', ['postgres'])
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
open('ended', 'w').close()
time.sleep(600)
`;
    const machine = await machineWith(['python3', '-c', code]);
    const hasEnded = () => Promise.resolve(existsSync(path.join(folder, 'ended')));
    await waitUntil('it has ended', hasEnded, { timeoutMs: 20_000 });
    const [problem] = await examineProcesses(machine, { hasPatroni: false });
    expect(problem).toMatch(/^db1: no PostgreSQL server/);
  },
);

test.skipIf(!isRoot)('the processes of a second cluster are not those of the member', async () => {
  const script = `
    cp "$(command -v sleep)" postgres; mkdir -p second/data second/run; : > second/${secondMark}
    ./postgres 600 & own=$!
    (cd second/data; exec ../../postgres 600) & second=$!
    (cd second/run; exec python3 ../../patroni pg1.yml) & echo "$own $second $!" > pids; wait`;
  const control = controlOf(await machineWith(['sh', '-c', script]));
  const programs = async () => {
    const pids = readFileSync(path.join(folder, 'pids'), 'utf8').trim().split(' ');
    const files = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`)));
    return files.map((file) => path.basename(file).replace(/[\d.]+$/, '')).join(' ');
  };
  const run = async () => (await programs()) === 'postgres postgres python';
  await waitUntil('all three run', run, { timeoutMs: 20_000 });
  const [own] = readFileSync(path.join(folder, 'pids'), 'utf8').split(' ');
  expect((await control.servers()).map(({ pid }) => pid)).toEqual([Number(own)]);
  expect([await control.state('patroni'), await control.state('postgres')]).toEqual([
    'gone',
    'running',
  ]);
  await control.signal('node', 'SIGKILL');
  expect(await programs().catch(() => 'one has ended')).toBe('one has ended');
  expect(existsSync(path.join(folder, 'second/run'))).toBe(true);
});

test.skipIf(!isRoot)(
  'a machine whose processes are not those that answer is refused before the load',
  async () => {
    const [problem] = await examineProcesses(await machineWith(['sleep', '600']), {
      hasPatroni: true,
    });
    expect(problem).toMatch(
      /^db1: no PostgreSQL server .* was found on its machine by a namespace, .* give the shell/,
    );
  },
);
