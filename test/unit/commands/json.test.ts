import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCommands } from '../../../src/commands/index.ts';
import { callCli } from '../../helpers/call-cli.ts';
import { storeRun } from '../../helpers/stored-run.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-json-'));
const run = path.join(reports, 'scenario', '20260101T000000Z');
beforeAll(() => storeRun(run));
afterAll(() => rmSync(reports, { recursive: true }));

describe('--json', () => {
  test('is an option of every command that reports something', async () => {
    const program = new Command();
    const signal = new AbortController().signal;
    await addCommands({ program, signal, exit: () => undefined });
    const without = program.commands
      .filter(({ options }) => !options.some(({ long }) => long === '--json'))
      .map((command) => command.name());
    // They hold something open, run another program, send one line, or print a file in its own format.
    expect(without.toSorted()).toEqual(
      [
        'bundle',
        'completion',
        'exec',
        'kubernetes',
        'lab',
        'mark',
        'psql',
        'report',
        'schema',
        'serve',
        'worker',
      ].toSorted(),
    );
  });

  test.each<[string, readonly string[], object]>([
    ['a plan', ['check', 'partition-5s'], { seed: 1, backend: 'local' }],
    ['what this host has', ['doctor', '--backend', 'local'], { backend: 'local' }],
    ['the suites', ['suite'], { suites: expect.any(Array) as unknown }],
    ['the baselines', ['baseline'], { baselines: [] }],
    ['that there is nothing to heal', ['heal'], { directory: null, inForce: [], steps: [] }],
    ['a verdict', ['judge', run], { status: expect.any(String) as unknown }],
    ['where the page over all runs is', ['index'], { file: path.join(reports, 'index.html') }],
    ['a comparison', ['compare', run, run], { comparisons: [expect.any(Object) as unknown] }],
  ])('prints %s, and nothing else', async (_what, args, found) => {
    const { stdout } = await callCli([...args, '--json'], { reports });
    expect(JSON.parse(stdout)).toMatchObject(found);
  });

  test('of history prints one operation per line, and excludes another format', async () => {
    const { stdout } = await callCli(['history', run, '--json'], { reports });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
    const both = await callCli(['history', run, '--json', '--format', 'edn'], { reports });
    expect([both.exitCode, both.stdout]).toEqual([3, '']);
  });
});
