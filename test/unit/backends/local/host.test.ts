import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  installCommand,
  installMissing,
  packagesFor,
} from '../../../../src/backends/local/install.ts';
import { allPlaces, layOut } from '../../../../src/backends/local/layout.ts';
import { preflight, requireTools } from '../../../../src/backends/local/preflight.ts';
import { isAlive, processFacts } from '../../../../src/machine/process-identity.ts';
import { isAtLeast, patroniTool } from '../../../../src/backends/local/tools.ts';
import { EnvironmentError } from '../../../../src/std/errors.ts';

afterEach(() => vi.unstubAllEnvs());

test('with fewer than three nodes there are still three etcd members, the others in namespaces of their own', () => {
  const namesOf = (nodes: number) => ({
    dcs: layOut({ nodes }).dcs.map(({ name }) => name),
    all: allPlaces(layOut({ nodes })).map(({ name }) => name),
  });
  expect([namesOf(1), namesOf(4)]).toEqual([
    { dcs: ['pg1', 'dcs1', 'dcs2'], all: ['pg1', 'dcs1', 'dcs2', 'clients', 'minority'] },
    { dcs: ['pg1', 'pg2', 'pg3'], all: ['pg1', 'pg2', 'pg3', 'pg4', 'clients', 'minority'] },
  ]);
});

test('versions are compared as numbers, part by part', () => {
  expect([
    isAtLeast('15.18', '14'),
    isAtLeast('9.6', '14'),
    isAtLeast('3.0.10', '3.0.3'),
    isAtLeast('3.0', '3.0.3'),
    isAtLeast('14', '14'),
  ]).toEqual([true, false, true, false, true]);
});

test('a missing program in FORKPOINT_PATRONI is a finding with its packages', async () => {
  vi.stubEnv('FORKPOINT_PATRONI', '/nowhere/patroni');
  const findings = await preflight();
  const missing = findings.filter(({ isMissing }) => isMissing);
  expect(missing.map(({ name }) => name)).toContain('Patroni');
  await expect(requireTools()).rejects.toThrow(EnvironmentError);
});

test("a checkout of Patroni has its own version, and not that of the system's Patroni", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'patroni-'));
  try {
    mkdirSync(path.join(folder, 'patroni/dcs'), { recursive: true });
    for (const [file, text] of [
      ['patroni/__init__.py', ''],
      ['patroni/dcs/__init__.py', ''],
      ['patroni/dcs/etcd3.py', ''],
      ['patroni/version.py', "__version__ = '99.1.2'\n"],
      ['patroni.py', '#!/usr/bin/env python3\n'],
    ] as const) {
      writeFileSync(path.join(folder, file), text);
    }
    const link = path.join(folder, 'link');
    symlinkSync(path.join(folder, 'patroni.py'), link);
    expect(await patroniTool(link)).toEqual({ path: link, version: '99.1.2' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an old or missing PostgreSQL in FORKPOINT_PG_BIN is not replaced by another', async () => {
  vi.stubEnv('FORKPOINT_PG_BIN', '/nowhere');
  const finding = (await preflight()).find(({ name }) => name === 'PostgreSQL');
  expect(finding).toEqual({
    name: 'PostgreSQL',
    isMissing: true,
    detail: 'no postgres, initdb, pg_basebackup and pg_rewind in /nowhere',
    remedy: 'name the folder with FORKPOINT_PG_BIN',
    packages: [],
  });
});

const etcd = { name: 'etcd', isMissing: true, detail: 'absent', packages: ['etcd-server'] };

test('packages of missing programs are named once, those of present ones are not', () => {
  const packages = packagesFor([
    etcd,
    { ...etcd, name: 'etcd again' },
    { name: 'Patroni', isMissing: false, detail: '4.0.7', packages: ['patroni'] },
  ]);
  expect([packages, installCommand(packages)]).toEqual([
    ['etcd-server'],
    'apt-get install -y --no-install-recommends etcd-server',
  ]);
});

test('a lack that no package fixes is refused before anything is installed', async () => {
  const said: string[] = [];
  const namespaces = {
    name: 'namespaces',
    isMissing: true,
    detail: 'forbidden',
    remedy: 'do this',
  };
  const attempt = installMissing([etcd, namespaces], (line) => said.push(line));
  await expect(attempt).rejects.toThrow('namespaces: forbidden. do this');
  expect(said).toEqual([]);
});

test('a process counts as alive only with its recorded start time', () => {
  const { pid, startedTicks } = processFacts(process.pid)!;
  expect([
    isAlive({ pid, startedTicks }),
    isAlive({ pid, startedTicks: '1' }),
    isAlive({ pid: 2 ** 22 + 1, startedTicks }),
  ]).toEqual([true, false, false]);
});
