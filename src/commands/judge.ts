import { judge } from '../judge/judge.ts';
import { loadRegistry } from '../registry.ts';
import { withDemandsOf } from '../scenario/read-demands.ts';
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
  readonly expect?: string;
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
      )
      .option(
        '--expect <file>',
        "the demands of this scenario or file in place of the run's own; writes reports only with --output",
      ),
  ).action(async (nameOrPath: string, options: JudgeArguments) => {
    const { output, expect } = options;
    const registry = await loadRegistry();
    await using run = await openRun(nameOrPath);
    requireJudgeable(run, nameOrPath);
    const judgement = await judge(run.directory, registry, {
      ...(expect !== undefined && {
        planned: (plan) => withDemandsOf(expect, plan, registry),
      }),
    });
    const { result } = judgement;
    // A run's own reports are of its own demands.
    const reports = output ?? (expect === undefined ? run.reports : undefined);
    if (reports !== undefined) await writeJudgement(reports, judgement, registry);
    printSummary(result, registry, { ...options, directory: reports });
    exit(exitCodes[result.status]);
  });
}
