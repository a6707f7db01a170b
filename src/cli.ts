#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addCommands } from './commands/index.ts';
import { helpConfiguration } from './commands/support/help.ts';
import { npmScriptOf, standWhereTheUserDoes } from './commands/support/npm-script.ts';
import { explainUsage } from './commands/support/usage.ts';
import { forkpointVersion } from './evidence/store/run-folders.ts';
import { isKnownError, messageOf } from './std/errors.ts';
import { outputFailure, print, tell, watchOutput } from './std/output.ts';
import { plain } from './std/plain.ts';
import { monotonicMs } from './std/wait.ts';

const interrupted = 130;
/** One Ctrl-C under npm arrives twice: from the terminal and, forwarded, from npm. */
const samePressMs = 300;

/** argv -> command -> exit code. Nobody else ends the process. */
async function main(): Promise<{ readonly code: number; readonly isVerdict: boolean }> {
  const interruption = new AbortController();
  let firstAtMs = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (interruption.signal.aborted) {
      if (monotonicMs() - firstAtMs < samePressMs) return;
      // The lab hangs on this process: it goes when we go, so the second signal needs no cleaning up.
      process.exit(interrupted);
    }
    firstAtMs = monotonicMs();
    tell(`\n${name}: healing and cleaning up; once more to quit at once\n`);
    interruption.abort(new Error(`interrupted by ${name}`));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);

  // A suite that started this run is gone, whatever ended it. Nothing listens where there is no such channel.
  process.on('disconnect', () => onSignal('SIGHUP'));

  watchOutput();
  const program = new Command('forkpoint')
    .description(
      'Which acknowledged writes did this PostgreSQL cluster lose, on which node, and why?',
    )
    .version(await forkpointVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: tell,
      // The words that it quotes may have lines of their own.
      outputError: (message) => tell(`${plain(message).trim()}\n`),
    })
    .showSuggestionAfterError()
    .configureHelp(helpConfiguration);
  let exitCode: number | undefined;
  const exit = (code: number): void => void (exitCode = code);
  await addCommands({ program, signal: interruption.signal, exit }, process.argv.slice(2));
  const script = npmScriptOf(process);
  if (script) standWhereTheUserDoes(script);
  explainUsage(program, script);
  try {
    await program.parseAsync();
    const code = exitCode ?? (interruption.signal.aborted ? interrupted : 0);
    return { code, isVerdict: exitCode !== undefined };
  } catch (error) {
    const code = interruption.signal.aborted ? interrupted : report(error);
    return { code, isVerdict: false };
  }
}

/** What a person reads when a command did not do what they asked. A stack only for what is our own fault. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
  if (isKnownError(error) && error.exitCode !== 5) {
    tell(`${error.message}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  tell(`This is a bug in Forkpoint: ${messageOf(error)}\n${stack}\n`);
  return 5;
}

const ended = await main();
// A pipe takes 64 kB at a time: what is not through yet would be cut off.
await new Promise((resolve) => process.stdout.write('', resolve));
// A file that is full says so only now.
await new Promise((resolve) => setImmediate(resolve));
process.exit(codeAfterOutput(ended));

/** What nobody could read was not said: 0, 1 and 2 become 4. What did not go well all the same keeps its code. */
function codeAfterOutput({ code, isVerdict }: Awaited<ReturnType<typeof main>>): number {
  const failure = outputFailure();
  if (!failure || code > 2) return code;
  const { stream, error } = failure;
  // Whoever reads has seen enough: `forkpoint history RUN | head`.
  if (error.code === 'EPIPE' && !isVerdict && code === 0) return 0;
  tell(`cannot write to ${stream}: ${error.message}. What was not shown is in the run's folder.\n`);
  return 4;
}
