import { judgeRun } from '../judge.ts';
import { findRun } from '../paths.ts';
import { loadRegistry } from '../registry.ts';
import { writeReports } from '../write-reports.ts';
import { exitCodes, printSummary } from './output.ts';
import type { CommandHost } from './host.ts';

export function judgeCommand({ program, exit }: CommandHost): void {
  program
    .command('judge')
    .description('repeat all verdicts from a stored run; needs no cluster')
    .argument('<run>', "a run's folder, or a scenario's name for its latest run")
    .action(async (nameOrPath: string) => {
      const registry = await loadRegistry();
      const directory = await findRun(nameOrPath);
      const result = await judgeRun(directory, registry);
      await writeReports(directory, result, registry);
      printSummary(result, registry, directory);
      exit(exitCodes[result.status]);
    });
}
