import { Option } from 'commander';
import { ScenarioError } from '../std/errors.ts';
import { historyLines, type Choice, type HistoryFormat } from '../evidence/journal/export.ts';
import { lostOperations } from '../evidence/journal/lost-operations.ts';
import { storedLostRanges } from '../evidence/store/lost-ranges.ts';
import { readResultOf } from '../evidence/store/read-result.ts';
import { readRunHead } from '../evidence/store/read-run.ts';
import { type JsonArguments, jsonOption } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { openRun, runArgument } from './support/open-run.ts';
import { printPiece } from '../std/output.ts';

interface HistoryArguments extends JsonArguments {
  readonly format: HistoryFormat;
  readonly lost?: true;
}

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
    .option(jsonOption[0], 'the same as --format jsonl: each operation is one JSON object')
    .option('--lost', 'only the lost acknowledged operations, from the stored result')
    .action(async (nameOrPath: string, { format, lost, json }: HistoryArguments) => {
      if (json && format === 'edn')
        throw new ScenarioError('--json cannot be combined with --format edn');
      if (lost && format === 'edn') {
        throw new ScenarioError(
          '--lost cannot be combined with --format edn: a checker needs all operations',
        );
      }
      await using run = await openRun(nameOrPath);
      const { runId } = readRunHead(run.directory);
      const isShown = lost && (await lostOf(run.directory));
      const chosen = { runId, ...(isShown && { isShown }) };
      for (const line of historyLines(run.directory, format, chosen)) {
        if (!(await printPiece(`${line}\n`))) return;
      }
    });
}

async function lostOf(directory: string): Promise<Choice> {
  return lostOperations(storedLostRanges(directory, await readResultOf(directory)));
}
