import { exitCodes } from './support/output.ts';
import { readPlan } from '../evidence/store/read-run.ts';
import { readResultOf } from '../evidence/store/read-result.ts';
import { loadRegistry } from '../registry.ts';
import { storedPresent } from '../salvage/present-rows.ts';
import { salvage } from '../salvage/salvage.ts';
import { salvageLines } from '../salvage/describe.ts';
import { print } from '../std/output.ts';
import { plain } from '../std/plain.ts';
import type { CommandHost } from './support/command-host.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import { openRun } from './support/open-run.ts';

export function salvageCommand({ program, exit, signal }: CommandHost): void {
  program
    .command('salvage')
    .description(
      'find the lost rows of a stored run in the copy of its old primary, which needs its PostgreSQL here, in a container or on this host; else in its WAL',
    )
    .argument(
      '<run>',
      "a run's folder, or a scenario's name for its latest run; a bundle has neither copy nor WAL",
    )
    .option(...jsonOption)
    .action(async (nameOrPath: string, { json }: JsonArguments) => {
      const registry = await loadRegistry();
      await using run = await openRun(nameOrPath);
      const { directory } = run;
      const summary = await salvage({
        directory,
        plan: await readPlan(directory),
        result: await readResultOf(directory),
        registry,
        present: await storedPresent(directory),
        signal,
      });
      if (json) printJson(summary);
      else print(`${salvageLines(summary).map(plain).join('\n')}\n`);
      exit(summary.salvaged === summary.lost ? exitCodes.pass : exitCodes.unknown);
    });
}
