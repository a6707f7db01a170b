import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import type { Reporter } from '../contracts/evidence.ts';
import { readPlan } from '../evidence/store/read-run.ts';
import { groupsOfLoad } from '../scenario/words/groups.ts';
import { hasReads } from '../std/units/client-reads.ts';
import { loadAsCsv } from '../evidence/figures/csv.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../std/errors.ts';
import { readResultOf } from '../evidence/store/read-result.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { writeReports } from '../evidence/store/write-reports.ts';
import { tellGithub } from './support/github-option.ts';
import type { CommandHost } from './support/command-host.ts';
import { openRun, runArgument } from './support/open-run.ts';
import { print } from '../std/output.ts';

interface ReportArguments {
  readonly format?: string;
  readonly output?: string;
  readonly github?: true;
}

export function reportCommand({ program }: CommandHost): void {
  program
    .command('report')
    .description('write the reports of a stored run again; needs no cluster, judges nothing')
    .argument('<run>', runArgument)
    .option(
      '--format <name>',
      'print only this report: html, markdown (or md), junit, json or summary; csv: the load, a line a second',
    )
    .addOption(
      new Option('--output <file>', 'write the report to this file instead of printing it'),
    )
    .option('--github', 'append the report to GITHUB_STEP_SUMMARY and print annotations')
    .action(async (nameOrPath: string, options: ReportArguments) => {
      const registry = await loadRegistry();
      const isCsv = options.format === 'csv' && !registry.reporters.has('csv');
      const reporter =
        options.format === undefined || isCsv ? undefined : reporterOf(options.format, registry);
      await using run = await openRun(nameOrPath);
      if (isCsv) {
        const { load } = (await readPlan(run.directory)).scenario;
        await put(
          loadAsCsv(run.directory, { groups: groupsOfLoad(load), reads: hasReads(load) }),
          options.output,
        );
        return;
      }
      const result = await readResultOf(run.directory);
      if (options.github) await tellGithub(result, registry);
      if (reporter) await put(reporter.render(result), options.output);
      else if (options.output !== undefined) {
        throw new ScenarioError('--output: name the report with --format');
      } else if (!options.github) {
        await writeReports(run.reports, result, registry);
        const files = [...registry.reporters.values()].map(({ fileName }) => fileName);
        print(files.map((file) => `${path.join(run.reports, file)}\n`).join(''));
      }
    });
}

/** By the format's name, or by the extension of its file: md, txt, xml. */
function reporterOf(format: string, { reporters }: Registry): Reporter {
  const byEnding = [...reporters.values()].find(
    ({ fileName }) => path.extname(fileName) === `.${format}`,
  );
  const reporter = reporters.get(format) ?? byEnding;
  if (reporter) return reporter;
  const known = [...reporters.keys(), 'csv'].join(', ');
  throw new ScenarioError(`--format ${format}: there is no such format; there are ${known}`);
}

async function put(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) {
    print(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (error) {
    throw new EnvironmentError(`cannot write ${output}: ${messageOf(error)}`, { cause: error });
  }
}
