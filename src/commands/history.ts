import { once } from 'node:events';
import { Option } from 'commander';
import { historyLines } from '../evidence/history-export.ts';
import { findRun } from '../paths.ts';
import type { CommandHost } from './host.ts';

export function historyCommand({ program }: CommandHost): void {
  program
    .command('history')
    .description('print every journaled operation of a stored run')
    .argument('<run>', "a run's folder, or a scenario's name for its latest run")
    .addOption(
      new Option('--format <format>', 'jsonl: one operation per line; edn: a Jepsen history')
        .choices(['jsonl', 'edn'])
        .default('jsonl'),
    )
    .action(async (nameOrPath: string, options: { format: 'jsonl' | 'edn' }) => {
      const directory = await findRun(nameOrPath);
      for (const line of historyLines(directory, options.format)) {
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
      }
    });
}
