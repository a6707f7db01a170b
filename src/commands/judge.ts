import { judge } from '../judge/judge.ts';
import { loadRegistry } from '../registry.ts';
import { writeJudgement } from '../evidence/store/write-reports.ts';
import type { CommandHost } from './support/command-host.ts';
import { openRun, requireJudgeable, runArgument } from './support/open-run.ts';
import {
  exitCodes,
  printSummary,
  withOutputOptions,
  type OutputArguments,
} from './support/output.ts';

interface JudgeArguments extends OutputArguments {
  readonly output?: string;
}

export function judgeCommand({ program, exit }: CommandHost): void {
  withOutputOptions(
    program
      .command('judge')
      .description('judge a stored run again; needs no cluster')
      .argument('<run>', runArgument)
      .option(
        '--output <folder>',
        "folder for the reports; default: the run's folder, or one beside the bundle",
      ),
  ).action(async (nameOrPath: string, options: JudgeArguments) => {
    const { output } = options;
    const registry = await loadRegistry();
    await using run = await openRun(nameOrPath);
    requireJudgeable(run, nameOrPath);
    const judgement = await judge(run.directory, registry);
    const reports = output ?? run.reports;
    await writeJudgement(reports, judgement, registry);
    const { result } = judgement;
    printSummary(result, registry, { ...options, directory: reports });
    exit(exitCodes[result.status]);
  });
}
