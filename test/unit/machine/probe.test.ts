import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findExecutable } from '../../../src/backends/local/find-executable.ts';
import { findingsOf, probeMachine } from '../../../src/machine/probe.ts';
import { commandShell } from '../../../src/shells/support/command-shell.ts';
import { temporaryReports } from '../../helpers/local-lab.ts';

const usual = ['sh', 'id', 'sleep', 'tr', 'tail', 'grep', 'head', 'date', 'kill'];

/** This host, with only these programs on PATH. */
function hostWith(folder: string, programs: readonly string[]) {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  for (const name of programs) {
    const file = findExecutable(name);
    if (file !== undefined) symlinkSync(file, path.join(bin, name));
  }
  return {
    name: 'pg1',
    shell: commandShell('a bare machine', ['/usr/bin/env', '-i', `PATH=${bin}`]),
  };
}

test('the probe of a machine lists the missing programs of a control, with their packages', async () => {
  using reports = temporaryReports();
  const machine = hostWith(reports.folder, usual);
  const found = await probeMachine(machine, { for: ['process', 'network', 'disk'] });
  expect(found.filter(({ isMissing }) => isMissing)).toEqual([
    {
      name: 'iptables',
      isMissing: true,
      detail: 'not found on PATH',
      neededBy: ['network'],
      packages: ['iptables'],
      remedy: 'apt-get install iptables',
    },
    {
      name: 'iptables-restore',
      isMissing: true,
      detail: 'not found on PATH',
      neededBy: ['network'],
      packages: ['iptables'],
      remedy: 'apt-get install iptables',
    },
    {
      name: 'disk tools',
      isMissing: true,
      detail: 'not found on PATH: df stat truncate fallocate',
      neededBy: ['disk'],
      packages: ['coreutils', 'util-linux'],
      remedy: 'apt-get install coreutils util-linux',
    },
  ]);
  expect(found.find(({ name }) => name === 'signals')?.detail).toBe(
    'a process was frozen and ended',
  );
});

test('a named but absent library is reported as missing, only for the control that needs it', async () => {
  using reports = temporaryReports();
  const machine = hostWith(reports.folder, usual);
  const found = await probeMachine(machine, {
    for: ['clock'],
    faketime: '/nowhere/libfaketime.so',
  });
  const missing = found.filter(({ isMissing }) => isMissing);
  expect(missing.map(({ name, detail, neededBy }) => [name, detail, neededBy])).toEqual([
    ['libfaketime', 'no /nowhere/libfaketime.so', ['clock']],
  ]);
});

const shaping = (...queues: readonly (readonly [name: string, answer: string, detail: string])[]) =>
  [
    'Welcome to pg1!',
    'root\tyes\tas root',
    'tc\tyes\t6.1',
    'htb\tyes\tworks',
    'tbf\tyes\tworks',
    ...queues.map((fields) => fields.join('\t')),
  ].join('\n');

test.each([
  ['yes', 'no', { isMissing: false, detail: 'by netem' }],
  ['no', 'yes', { isMissing: false, detail: 'by a userspace relay (netem: unknown kind)' }],
  ['no', 'no', { isMissing: true, detail: 'netem: unknown kind; tun: no /dev/net/tun' }],
  // What could not be tried does not count as missing.
  ['unknown', 'no', { isMissing: false, detail: 'netem: unknown kind; tun: no /dev/net/tun' }],
])('netem %s and tun %s: delays are %j', (netem, tun, expected) => {
  const text = shaping(
    ['netem', netem, 'unknown kind'],
    ['tun', tun, 'no /dev/net/tun'],
    ['python3', 'yes', '3.11'],
  );
  const delays = findingsOf('pg1', text, ['shaping']).find(({ name }) => name === 'delays');
  expect(delays).toMatchObject(expected);
});

test('a probe that ended early is an error, not a machine without any control', () => {
  expect(() => findingsOf('pg1', shaping(), ['shaping'])).toThrow(
    'pg1: the probe said nothing about netem, tun, python3',
  );
});
