import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../../../src/commands/index.ts';
import {
  npmScriptOf,
  perCommandNames,
  refuseWhatNpmTook,
  sharedNames,
} from '../../../../src/commands/support/npm-script.ts';
import { ScenarioError } from '../../../../src/std/errors.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const program = new Command('forkpoint');
await addCommands({ program, signal: new AbortController().signal, exit: () => undefined });

interface Started {
  readonly script: string;
  /** The arguments that reached us, after the script's own. */
  readonly words: string;
  readonly took: Readonly<Record<string, string>>;
  readonly send?: () => boolean;
}

/** The advice for a command started by npm whose options are only in these variables. */
function saidTo({ script, words, took, send }: Started): string | undefined {
  const scripts: Readonly<Record<string, string>> = {
    forkpoint: 'node src/bin.js',
    scenario: 'node src/bin.js run',
    nightly: 'node src/bin.js suite nightly',
    bench: 'node bench/all.ts',
    npx: "'forkpoint'",
  };
  const argv = ['node', 'src/bin.js', ...words.split(' ')];
  const env = {
    npm_config_user_agent: 'npm/11.19.1 node/v24.21.0 linux x64 workspaces/false',
    npm_lifecycle_event: script,
    npm_lifecycle_script: scripts[script],
    ...Object.fromEntries(Object.entries(took).map(([key, value]) => [`npm_config_${key}`, value])),
  };
  const found = npmScriptOf({ argv, env, ...(send && { send }) });
  const command = program.commands.find((each) => each.name() === words.split(' ')[0])!;
  try {
    if (found) refuseWhatNpmTook(command, found);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message;
  }
}

describe('an option that npm took', () => {
  test.each<[string, string, Started['took'], string]>([
    [
      ...(['scenario', 'run partition-5s', { seed: '7' }] as const),
      "npm took --seed for itself, since it stands before '--'. Write: npm run scenario partition-5s -- --seed 7",
    ],
    [
      ...(['scenario', 'run partition-5s --quiet', { install: '', keep: 'true' }] as const),
      "npm took --keep and --no-install for itself, since they stand before '--'. Write: npm run scenario partition-5s -- --quiet --keep --no-install",
    ],
    [
      ...(['scenario', 'run x', { set: 'a=1\n\nclaim=It holds.', keep_runs: '3' }] as const),
      "npm took --keep-runs and --set for itself, since they stand before '--'. Write: npm run scenario x -- --keep-runs 3 --set a=1 --set 'claim=It holds.'",
    ],
    [
      ...(['forkpoint', 'report partition-5s', { output: 'x.html' }] as const),
      "npm took --output for itself, since it stands before '--'. Write: npm run forkpoint -- report partition-5s --output x.html",
    ],
    [
      ...(['scenario', 'run partition-5s expect.lost=0', { set: 'true' }] as const),
      "npm took --set for itself, since it stands before '--'. Write: npm run scenario <scenario> -- --set <key=value>",
    ],
    [
      ...(['forkpoint', 'judge partition-5s', { json: 'true' }] as const),
      "npm took --json for itself, since it stands before '--'. Write: npm run forkpoint -- judge partition-5s --json",
    ],
    [
      ...(['forkpoint', 'psql pg2', { call: 'select 1' }] as const),
      "npm took -c for itself, since it stands before '--'. Write: npm run forkpoint -- psql pg2 -c 'select 1'",
    ],
    [
      ...(['nightly', 'suite nightly', { seed: '7' }] as const),
      "npm took --seed for itself, since it stands before '--'. Write: npm run nightly -- --seed 7",
    ],
  ])('of npm run %s: %s %j', (script, words, took, said) => {
    expect(saidTo({ script, words, took })).toBe(said);
  });

  const took = { seed: '7' };
  test.each<[string, Started]>([
    [
      'one that stands behind `--` as well',
      { script: 'forkpoint', words: 'judge x --json', took: { json: 'true' } },
    ],
    ['an option of another command', { script: 'forkpoint', words: 'judge x', took }],
    ['a flag as it is anyway', { script: 'scenario', words: 'run x', took: { install: 'true' } }],
    ['a package that npx started', { script: 'npx', words: 'run x', took }],
    ['a script that starts something else', { script: 'bench', words: 'run x', took }],
    [
      "a run that a suite started: npm's variables are there, and it has its own options",
      { script: 'forkpoint', words: 'run x', took, send: () => true },
    ],
    [
      'what may be in an .npmrc',
      { script: 'nightly', words: 'suite nightly', took: { jobs: '4' } },
    ],
  ])('is not: %s', (_what, started) => {
    expect(saidTo(started)).toBeUndefined();
  });

  test('is not one that npm itself knows: those may come from anywhere', () => {
    const text = execFileSync('npm', ['config', 'list', '--long', '--json'], { cwd: root });
    const known = new Set(Object.keys(JSON.parse(text.toString()) as object));
    const ours = program.commands.flatMap(({ options }) => options.map(({ long }) => long ?? ''));
    const shared = ours
      .map((long) => long.replace(/^--(?:no-)?/, ''))
      .filter((key) => known.has(key));
    const accepted = [...sharedNames, ...perCommandNames];
    expect(shared.filter((key) => !accepted.includes(key))).toEqual([]);
  });
});

test.each([
  [['--seed=7'], /^npm took --seed .* Write: npm run forkpoint -- check partition-5s --seed 7$/m],
  [['--set', 'load.clients=2'], /^npm took --set .* check <scenario> --set <key=value>$/m],
  [['load.clients=2'], /^error: too many arguments .*\nUsage: npm run forkpoint -- check .* '--'/m],
])('npm run forkpoint check partition-5s %j starts nothing', (options, said) => {
  const args = ['run', '--silent', 'forkpoint', 'check', 'partition-5s', ...options];
  const { status, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  expect(stderr).toMatch(said);
  expect(status).toBe(3);
});
