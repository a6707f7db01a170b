import { Argument } from 'commander';
import { scenarioNames } from '../scenario/read.ts';
import { suiteNames } from '../scenario/read-suite.ts';
import type { CommandHost } from './support/command-host.ts';
import { completionScript, type ShellName, shellNames } from './support/completion-script.ts';
import { print } from '../std/output.ts';

export function completionCommand({ program }: CommandHost): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and scenarios in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shellNames))
    .action(async (shell: ShellName) => {
      const names = { scenarios: await scenarioNames(), suites: await suiteNames() };
      print(completionScript(program, shell, names));
    });
}
