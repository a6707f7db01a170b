import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../../src/commands/index.ts';
import { completionScript, shellNames } from '../../../src/commands/support/completion-script.ts';
import { examples } from '../../../src/commands/support/examples.ts';
import { helpConfiguration } from '../../../src/commands/support/help.ts';

async function programOf(argv?: readonly string[]): Promise<Command> {
  const program = new Command('forkpoint').configureHelp(helpConfiguration);
  await addCommands({ program, signal: new AbortController().signal, exit: () => undefined }, argv);
  return program;
}

const program = await programOf();

/** Including the text of `addHelpText`. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

describe('--help', () => {
  test('lists the commands by purpose', () => {
    const text = helpOf(program);
    expect(text.match(/^[A-Z].*:$/gm)).toEqual([
      'Options:',
      'Run scenarios:',
      'Read stored runs:',
      'Compare runs:',
      'Work with a cluster:',
      'About this host and Forkpoint:',
    ]);
  });

  test.each(program.commands.map((command) => [command.name(), command] as const))(
    'of %s ends with two examples that use its own options, and shows no empty default',
    (name, command) => {
      const own = examples[name] ?? [];
      expect(own.length).toBeGreaterThanOrEqual(2);
      const text = helpOf(command);
      expect(text).not.toContain('default: []');
      for (const { line, does } of own) {
        expect(text).toContain(`  # ${does}\n  forkpoint ${line}\n`);
        const [first, second] = line.split(' ');
        expect(first).toBe(name);
        const asked = command.commands.find((one) => one.name() === second) ?? command;
        const flags = line.match(/ --[a-z-]+/g) ?? [];
        const known = asked.options.map(({ long }) => ` ${long ?? ''}`);
        expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
      }
    },
  );
});

test.each([
  [['check', 'partition-5s'], ['check']],
  [['scenario', 'partition-5s'], ['run']],
  [['--version'], []],
])('%j loads only what it needs', async (argv, names) => {
  expect((await programOf(argv)).commands.map((command) => command.name())).toEqual(names);
});

test.each([[[]], [['--help']], [['chekc']], [['help', 'run']], [['completion', 'bash']]])(
  '%j loads every command',
  async (argv) => {
    const { commands } = await programOf(argv);
    expect(commands.map((command) => command.name()).toSorted()).toEqual(
      Object.keys(examples).toSorted(),
    );
  },
);

describe('completion', () => {
  const names = { scenarios: ['partition-5s', 'power-cut'], suites: ['nightly'] };

  /** The completions of bash for a line that ends at the cursor. */
  function offered(words: readonly string[]): readonly string[] {
    const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`;
    const script = `${completionScript(program, 'bash', names)}
      ${line}; COMP_CWORD=${words.length - 1}; _forkpoint; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  test.each([
    [['forkpoint', 'ch'], ['check']],
    [['forkpoint', 'check', 'pa'], ['partition-5s']],
    [['forkpoint', 'scenario', 'po'], ['power-cut']],
    [['forkpoint', 'suite', ''], ['nightly']],
    [
      ['forkpoint', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['forkpoint', 'run', '--se'],
      ['--seed', '--set'],
    ],
  ])('in bash %j offers %j', (words, offers) => {
    expect(offered(words).toSorted()).toEqual(offers.toSorted());
  });

  test.each(shellNames)('for %s has every command and every long option', (shell) => {
    const script = completionScript(program, shell, names);
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) {
        expect(script).toContain(shell === 'fish' ? ` -l ${long?.slice(2) ?? ''} ` : long);
      }
    }
    const isThere = spawnSync(shell, ['--version']).error === undefined;
    if (isThere) expect(spawnSync(shell, ['-n'], { input: script }).status).toBe(0);
  });
});
