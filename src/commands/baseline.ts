import { readBaseline, baselineFile, baselineNames, saveBaseline } from '../history/baseline.ts';
import { findRuns } from '../history/find-runs.ts';
import { nightsIn } from '../history/suite-runs.ts';
import { readPastRuns } from '../history/past-runs.ts';
import { ScenarioError } from '../std/errors.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print } from '../std/output.ts';

export function baselineCommand({ program }: CommandHost): void {
  program
    .command('baseline')
    .description('save the runs of a suite under a name, to compare later runs with')
    .argument('[name]', 'default: list the baselines')
    .argument('[runs]', 'folder or name of a suite or run; default: the latest suite')
    .option(...jsonOption)
    .action(async (name: string | undefined, runs: string | undefined, { json }: JsonArguments) => {
      const { found, text } = name === undefined ? await listed() : await saved(name, runs);
      if (json) printJson(found);
      else print(text);
    });
}

/** The JSON and the text of the list. */
interface Told {
  readonly found: unknown;
  readonly text: string;
}

async function listed(): Promise<Told> {
  const reports = reportsFolder();
  const all = (await baselineNames(reports)).map(async (name) => {
    const baseline = await readBaseline(reports, name);
    return { name, from: baseline?.from ?? '', runs: baseline?.runs.length ?? 0 };
  });
  const baselines = await Promise.all(all);
  const lines = baselines.map(({ name, from, runs }) => `${name}  ${runs} runs of ${from}\n`);
  return { found: { baselines }, text: lines.join('') || `there is no baseline in ${reports}\n` };
}

async function saved(name: string, of: string | undefined): Promise<Told> {
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
  const count = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
  return {
    found: { name, from, runs: runs.length, file },
    text: `${name}: ${count} of ${from}\n${file}\n`,
  };
}
