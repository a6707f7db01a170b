import { readBaseline, baselineFile, baselineNames, saveBaseline } from '../history/baseline.ts';
import { findRuns } from '../history/find-runs.ts';
import { nightsIn } from '../history/suite-runs.ts';
import { readPastRuns } from '../history/past-runs.ts';
import { ScenarioError } from '../std/errors.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import type { CommandHost } from './support/command-host.ts';
import { print } from '../std/output.ts';

export function baselineCommand({ program }: CommandHost): void {
  program
    .command('baseline')
    .description('keep the runs of a suite under a name, to compare later ones with')
    .argument('[name]', 'without one: what baselines there are')
    .argument('[runs]', "a suite's or a run's folder or name; without one: the latest suite's")
    .action(async (name: string | undefined, runs: string | undefined) => {
      print(name === undefined ? await listed() : await saved(name, runs));
    });
}

async function listed(): Promise<string> {
  const reports = reportsFolder();
  const lines = (await baselineNames(reports)).map(async (name) => {
    const found = await readBaseline(reports, name);
    return `${name}  ${found?.runs.length ?? 0} runs of ${found?.from ?? ''}\n`;
  });
  return (await Promise.all(lines)).join('') || `there is no baseline in ${reports}\n`;
}

async function saved(name: string, of: string | undefined): Promise<string> {
  const reports = reportsFolder();
  baselineFile(reports, name);
  const { runs: past } = await readPastRuns(reports);
  const wanted = of ?? nightsIn(past)[0]?.suite;
  if (wanted === undefined) {
    throw new ScenarioError(`${reports}: no suite has run yet; name a run's folder`);
  }
  const { from, runs } = await findRuns(wanted, { reports, past });
  const savedAt = new Date().toISOString();
  const plain = runs.map((run) => ({ ...run, hasReport: undefined }));
  const file = await saveBaseline(reports, { schemaVersion: 1, name, savedAt, from, runs: plain });
  return `${name}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} of ${from}\n${file}\n`;
}
