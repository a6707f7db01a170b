import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { liveLabs } from '../../src/backends/local/record.ts';
import { waitUntil } from '../../src/std/wait.ts';
import {
  bootLab,
  isRunning,
  namespaceOf,
  processesIn,
  shape,
  sharesNoMemoryWithHost,
  temporaryReports,
  tracesOnHost,
} from '../helpers/local-lab.ts';

test('two labs are up at once, and neither leaves a trace on the host', async () => {
  using reports = temporaryReports();
  {
    await using one = await bootLab(reports.folder, { nodes: 1 });
    await using other = await bootLab(reports.folder, { nodes: 1 });
    const address = ({ nodes }: typeof one) => nodes[0]!.endpoint.host;
    expect(address(one)).toBe(address(other));
    expect([await shape(one), await shape(other)]).toEqual([['pg1 primary 1'], ['pg1 primary 1']]);
    expect((await liveLabs()).map(({ id }) => id)).toEqual([one.id, other.id].sort());
    expect(await tracesOnHost()).toEqual([]);
  }
  expect(await tracesOnHost()).toEqual([]);
  expect(readdirSync(path.join(reports.folder, '.labs'))).toEqual([]);
});

test('SIGKILL of the harness in a partition leaves nothing after 2 s', async () => {
  using reports = temporaryReports();
  const program = path.join(import.meta.dirname, '../helpers/hang-in-partition.ts');
  const harness = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORKPOINT_REPORTS: reports.folder },
  });
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: harness.stdout }).once('line', resolve),
  );
  const { init, client } = JSON.parse(line) as { init: number; client: number };
  const namespace = namespaceOf(init)!;
  const members = processesIn(namespace);
  expect(members.length).toBeGreaterThan(20);
  expect(members.filter((pid) => !sharesNoMemoryWithHost(pid))).toEqual([]);

  harness.kill('SIGKILL');
  const isClean = () => processesIn(namespace).length === 0 && !isRunning(client);
  await waitUntil('no process of the lab is left', isClean, { timeoutMs: 2_000, everyMs: 20 });
  expect(await tracesOnHost()).toEqual([]);
  expect(await liveLabs()).toEqual([]);
});

test('a boot that is interrupted ends with the reason and leaves nothing', async () => {
  using reports = temporaryReports();
  const stop = new AbortController();
  const reason = new Error('Ctrl-C');
  setTimeout(() => stop.abort(reason), 900);
  await expect(bootLab(reports.folder, {}, stop.signal)).rejects.toBe(reason);
  expect(await tracesOnHost()).toEqual([]);
  expect(await liveLabs()).toEqual([]);
});

test('a failed boot names at once the process that ended, with the last lines of its log', async () => {
  using reports = temporaryReports();
  const wrong = { parameters: { shared_preload_libraries: 'no_such_library' }, nodes: 1 };
  await expect(bootLab(reports.folder, wrong)).rejects.toThrow(
    /pg1: Patroni has ended[^]*pg1 postgres\.log[^]*no_such_library/,
  );
  expect(await liveLabs()).toEqual([]);
});
