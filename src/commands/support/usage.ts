import type { Command } from 'commander';
import { argumentsOf, commandLine, refuseWhatNpmTook, type NpmScript } from './npm-script.ts';

/** Shows the correct usage after a wrong command line. When npm took an option, nothing runs. */
export function explainUsage(program: Command, script: NpmScript | undefined): void {
  for (const command of program.commands) command.showHelpAfterError(usageOf(command, script));
  program.hook('preSubcommand', (_program, command) => {
    if (script) refuseWhatNpmTook(command, script);
  });
}

/** `run` has --attach, other commands have --lab: corrects the one given in place of the other. */
export function hintFor(message: string): string | undefined {
  if (/unknown option '--lab\b/.test(message))
    return '`run` uses a lab that is up with --attach ID';
  if (/unknown option '--attach\b/.test(message))
    return 'only `run` has --attach; others name a lab with --lab ID';
  return undefined;
}

function usageOf(command: Command, script: NpmScript | undefined): string {
  if (!script) {
    const line = `forkpoint ${command.name()}`;
    return `Usage: ${line} ${command.usage()}. Details: ${line} --help`;
  }
  const line = commandLine(script, [...argumentsOf(command, script), '[options]']);
  const help = commandLine(script, [
    ...(script.ownWords.length === 0 ? [command.name()] : []),
    '--help',
  ]);
  return `Usage: ${line}. Details: ${help}. npm takes options before '--' for itself.`;
}
