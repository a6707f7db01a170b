import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import type { Result } from '../contracts/result.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../errors.ts';
import { readResultOf } from '../read-result.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { writeReports } from '../write-reports.ts';
import { tellGithub } from './github.ts';
import type { CommandHost } from './host.ts';
import { openRun, runArgument } from './open-run.ts';

interface ReportArguments {
  readonly format?: string;
  readonly output?: string;
  readonly github?: true;
}

export function reportCommand({ program }: CommandHost): void {
  program
    .command('report')
    .description('render the report of a stored run again; needs no cluster and judges nothing')
    .argument('<run>', runArgument)
    .option('--format <name>', 'print this one: html, markdown, junit, json or summary')
    .addOption(new Option('--output <file>', 'write it there, in place of printing it'))
    .option('--github', 'append it to GITHUB_STEP_SUMMARY, and print annotations')
    .action(async (nameOrPath: string, options: ReportArguments) => {
      const registry = await loadRegistry();
      await using run = await openRun(nameOrPath);
      const result = await readResultOf(run.directory);
      if (options.github) await tellGithub(result, registry);
      if (options.format !== undefined) await printOne(result, registry, options);
      else if (options.output !== undefined) {
        throw new ScenarioError('--output: which report? Say it with --format');
      } else if (!options.github) {
        await writeReports(run.reports, result, registry);
        const files = [...registry.reporters.values()].map(({ fileName }) => fileName);
        process.stdout.write(files.map((file) => `${path.join(run.reports, file)}\n`).join(''));
      }
    });
}

async function printOne(
  result: Result,
  { reporters }: Registry,
  { format = '', output }: ReportArguments,
): Promise<void> {
  const reporter = reporters.get(format);
  if (!reporter) {
    const known = [...reporters.keys()].join(', ');
    throw new ScenarioError(`--format ${format}: there is no such report; there are ${known}`);
  }
  const text = reporter.render(result);
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (error) {
    throw new EnvironmentError(`cannot write ${output}: ${messageOf(error)}`, { cause: error });
  }
}
