import { compareRuns, exitCodeOf } from '../history/compare.ts';
import { findRuns } from '../history/find-runs.ts';
import { readPastRuns } from '../history/past-runs.ts';
import { renderCompared } from '../history/render-comparison.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { plainValues } from '../std/plain.ts';
import { print } from '../std/output.ts';

export function compareCommand({ program, exit }: CommandHost): void {
  const what =
    "a run's or a suite's folder, a baseline, or a name: nightly, nightly~1, partition-5s";
  program
    .command('compare')
    .description('list what got worse between two runs, two runs of a suite, or since a baseline')
    .argument('<before>', what)
    .argument('<after>', what)
    .option(...jsonOption)
    .action(async (before: string, after: string, { json }: JsonArguments) => {
      const reports = reportsFolder();
      const { runs: past } = await readPastRuns(reports);
      const a = await findRuns(before, { reports, past });
      const b = await findRuns(after, { reports, past });
      const compared = compareRuns(a.runs, b.runs);
      const names = { before: a.from, after: b.from };
      if (json) printJson({ ...names, ...compared });
      else print(renderCompared(plainValues(compared), names));
      exit(exitCodeOf(compared));
    });
}
