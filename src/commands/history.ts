import { once } from 'node:events';
import { Option } from 'commander';
import { historyLines } from '../evidence/history-export.ts';
import { readRunHead } from '../stored/read-stored-run.ts';
import type { CommandHost } from './host.ts';
import { openRun, runArgument } from './open-run.ts';

export function historyCommand({ program }: CommandHost): void {
  program
    .command('history')
    .description('print every journaled operation of a stored run')
    .argument('<run>', runArgument)
    .addOption(
      new Option('--format <format>', 'jsonl: one operation per line; edn: a Jepsen history')
        .choices(['jsonl', 'edn'])
        .default('jsonl'),
    )
    .action(async (nameOrPath: string, options: { format: 'jsonl' | 'edn' }) => {
      await using run = await openRun(nameOrPath);
      const { runId } = readRunHead(run.directory);
      for (const line of historyLines(run.directory, options.format, { runId })) {
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
      }
    });
}
