import type { Command } from 'commander';
import { baselineCommand } from './baseline.ts';
import { bundleCommand } from './bundle.ts';
import { checkCommand } from './check.ts';
import { cleanCommand } from './clean.ts';
import { compareCommand } from './compare.ts';
import { doctorCommand } from './doctor.ts';
import { healCommand } from './heal.ts';
import { historyCommand } from './history.ts';
import type { CommandHost } from './support/command-host.ts';
import { indexCommand } from './index-page.ts';
import { judgeCommand } from './judge.ts';
import { execCommand, psqlCommand } from './psql-exec.ts';
import { labCommand } from './lab.ts';
import { matrixCommand } from './matrix.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { selftestCommand } from './selftest.ts';
import { suiteCommand } from './suite.ts';
import { verifyCommand } from './verify.ts';

export function addCommands(
  program: Command,
  signal: AbortSignal,
  exit: (code: number) => void,
): void {
  const host: CommandHost = { program, signal, exit };
  for (const add of [
    ...[runCommand, suiteCommand, matrixCommand, checkCommand, doctorCommand, schemaCommand],
    ...[labCommand, psqlCommand, execCommand, healCommand, cleanCommand],
    ...[indexCommand, compareCommand, baselineCommand],
    ...[replayCommand, bundleCommand],
    ...[judgeCommand, reportCommand, verifyCommand, historyCommand, selftestCommand],
  ]) {
    add(host);
  }
}
