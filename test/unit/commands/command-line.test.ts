import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFinding } from '../../../src/commands/support/prepare-host.ts';
import { callCli } from '../../helpers/call-cli.ts';
import { storeRun } from '../../helpers/stored-run.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-command-line-'));
const run = path.join(reports, 'run');
beforeAll(() => storeRun(run));
afterAll(() => rmSync(reports, { recursive: true }));

test.each([
  [['run'], "missing required argument 'scenario'", 'run [options] <scenario>'],
  [['report'], "missing required argument 'run'", 'report [options] <run>'],
  [['exec', 'pg1'], "missing required argument 'command'", 'exec [options] <node> <command...>'],
])('%j is answered with its usage', async ([name = '', ...rest], what, usage) => {
  expect(await callCli([name, ...rest], { reports })).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: `error: ${what}\nUsage: forkpoint ${usage}. Details: forkpoint ${name} --help\n`,
  });
});

test.each([
  [['run', 'partition-5s', '--lab', 'x'], /^error: unknown option '--lab': `run` .* --attach ID\n/],
  [['verify', 'x', '--attach', 'y'], /^error: unknown option '--attach': .* --lab ID\n/],
  [['psql', '--attach', 'y', 'pg1'], /^unknown option '--attach': .* --lab ID\n/],
  [['exec', '-it', 'pg1', 'sh'], /^unknown option '-it': options of .* follow the node\n/],
])('%j is told which option names a lab, or where others stand', async (args, said) => {
  const { exitCode, stdout, stderr } = await callCli(args, { reports });
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(said);
});

describe('report --format', () => {
  test('names the known formats for an unknown one, before it looks for the run', async () => {
    expect(await callCli(['report', 'nowhere', '--format', 'pdf'], { reports })).toEqual({
      exitCode: 3,
      stdout: '',
      stderr:
        '--format pdf: there is no such format; there are html, json, junit, markdown, summary, csv\n',
    });
  });

  test.each([
    ['md', 'markdown'],
    ['xml', 'junit'],
    ['txt', 'summary'],
  ])('%s is what %s writes', async (ending, name) => {
    const rendered = (format: string) => callCli(['report', run, '--format', format], { reports });
    const [byEnding, byName] = await Promise.all([rendered(ending), rendered(name)]);
    expect(byEnding).toEqual(byName);
    expect([byName.exitCode, byName.stdout.length > 100]).toEqual([0, true]);
  });
});

test('check reports at the end that the scenario is valid, and stdout has only the plan', async () => {
  const { exitCode, stdout, stderr } = await callCli(['check', 'partition-5s'], { reports });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: '\npartition-5s is valid; nothing was started\n',
  });
  expect(stdout).toMatch(/^scenario {2}partition-5s\n/);
  expect(stdout).not.toContain('valid');
});

describe('the doctor', () => {
  test('marks as a note a finding that prevents no run', () => {
    const found = { name: 'Patroni', isMissing: false, detail: '4.0.7' };
    expect([
      describeFinding(found),
      describeFinding({ ...found, detail: '3.0.2 has a defect', remedy: 'fixed in 3.0.3' }),
      describeFinding({ ...found, isMissing: true, detail: 'not on PATH', remedy: 'install it' }),
    ]).toEqual([
      'ok      Patroni: 4.0.7',
      'note    Patroni: 3.0.2 has a defect\n        fixed in 3.0.3',
      'MISSING Patroni: not on PATH\n        install it',
    ]);
  });

  test('marks as a note, not as ok, a lack that matters only to some faults', async () => {
    const env = { FORKPOINT_FAKETIME: '/nowhere' };
    const { stdout } = await callCli(['doctor', '--backend', 'local'], { reports, env });
    expect(stdout).toMatch(/^note {4}libfaketime: no \/nowhere/m);
  });

  test('ends with the backends that can run here, whichever backend it was asked about', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:1', FORKPOINT_PATRONI: '/nowhere' };
    const { exitCode, stdout } = await callCli(['doctor', '--backend', 'docker'], { reports, env });
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^Can this host run scenarios\? On docker: no \(missing: docker engine\)\. On local: no \(missing: .*Patroni.*\)\.$/,
    );
    expect(exitCode).toBe(4);
  });
});
