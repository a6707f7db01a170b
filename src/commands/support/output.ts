import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Result } from '../../contracts/result.ts';
import { endOfRun } from '../../terminal/end-of-run.ts';
import { isColourWanted } from '../../terminal/screen.ts';
import { wrapped } from '../../terminal/wrap.ts';
import type { Registry } from '../../registry.ts';
import { print } from '../../std/output.ts';
import { type JsonArguments, jsonOption, printJson } from './json.ts';

export const exitCodes = { pass: 0, fail: 1, unknown: 2, knownDefect: 6 } as const;

/** Options of every command that ends with a result. */
export interface OutputArguments extends JsonArguments {
  readonly verbose?: true;
}

export function withOutputOptions(command: Command): Command {
  return command
    .option('--verbose', 'print the whole text report, not only what fits the screen')
    .option(...jsonOption);
}

/** Prints the end of a run; its full reports are in `directory`, if they were written. */
export function printSummary(
  result: Result,
  registry: Registry,
  { directory, verbose, json }: OutputArguments & { readonly directory: string | undefined },
): void {
  const { stdout } = process;
  if (json) {
    printJson(result);
    return;
  }
  const file = directory === undefined ? undefined : path.join(directory, 'report.html');
  const report = file !== undefined && existsSync(file) ? file : undefined;
  const columns = stdout.isTTY ? stdout.columns || 80 : Infinity;
  if (!verbose) {
    const isColoured = stdout.isTTY && isColourWanted();
    print(`\n${endOfRun(result, { columns, isColoured, report })}`);
    return;
  }
  const text = registry.reporters.get('summary')?.render(result) ?? '';
  // Last, so that it is still on the screen.
  const lines =
    `${text}Report: ${report ?? (file === undefined ? 'none was written' : 'none could be written')}`.split(
      '\n',
    );
  print(`\n${lines.flatMap((line) => wrapped(line, columns)).join('\n')}\n`);
}
