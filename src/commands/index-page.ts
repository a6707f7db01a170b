import { indexRuns, readKeepRuns } from './support/record-run.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

export const keepRunsOption = [
  '--keep-runs <n>',
  'keep the folders of the newest n passed and n other runs of each scenario; delete older ones',
] as const;

export function indexCommand({ program }: CommandHost): void {
  program
    .command('index')
    .description('write index.html, an overview of all runs in the reports folder')
    .option(...keepRunsOption)
    .option(...jsonOption)
    .action(async (options: JsonArguments & { readonly keepRuns?: string }) => {
      const keepRuns = readKeepRuns(options.keepRuns);
      const log = (line: string) => tell(`${line}\n`);
      const { file, skipped } = await indexRuns({ keepRuns, log });
      for (const line of skipped) log(`skipped ${line}`);
      if (options.json) printJson({ file, skipped });
      else print(`${file}\n`);
    });
}
