import { Command, CommanderError } from 'commander';
import { forkpointVersion } from '../evidence/store/run-folders.ts';
import { isKnownError, messageOf } from '../std/errors.ts';
import { print, tell } from '../std/output.ts';
import { plain } from '../std/plain.ts';
import { announce } from './support/announce.ts';
import { addCommands } from './index.ts';
import { helpConfiguration } from './support/help.ts';
import type { NpmScript } from './support/npm-script.ts';
import type { TakeInterrupt } from './support/command-host.ts';
import { explainUsage, hintFor } from './support/usage.ts';

const interrupted = 130;

export interface CommandLineOptions {
  readonly signal: AbortSignal;
  /** The npm script that started this process, if one did. */
  readonly script?: NpmScript | undefined;
  readonly takeInterrupt?: TakeInterrupt;
}

export interface Ended {
  readonly code: number;
  readonly isVerdict: boolean;
}

/** Runs one command. `argv`: without the program. The caller owns the process: its signals, its streams, its exit. */
export async function runCommandLine(
  argv: readonly string[],
  { signal, script, takeInterrupt }: CommandLineOptions,
): Promise<Ended> {
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
      outputError: (message) => {
        const hint = hintFor(message);
        tell(`${plain(message).trim()}${hint === undefined ? '' : `: ${hint}`}\n`);
      },
    })
    .showSuggestionAfterError()
    .configureHelp(helpConfiguration);
  let exitCode: number | undefined;
  const exit = (code: number): void => void (exitCode = code);
  await addCommands({ program, signal, exit, takeInterrupt }, argv);
  explainUsage(program, script);
  try {
    await program.parseAsync(argv, { from: 'user' });
    const code = exitCode ?? (signal.aborted ? interrupted : 0);
    return { code, isVerdict: exitCode !== undefined };
  } catch (error) {
    if (signal.aborted) return { code: interrupted, isVerdict: false };
    const { code, reason } = report(error);
    if (code !== 0) announce({ type: 'failed', reason });
    return { code, isVerdict: false };
  }
}

/** What a person reads when a command did not do what they asked. A stack only for what is our own fault. */
function report(error: unknown): { readonly code: number; readonly reason: string } {
  const said = messageOf(error);
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 3, reason: said };
  if (isKnownError(error) && error.exitCode !== 5) {
    tell(`${said}\n`);
    return { code: error.exitCode, reason: said };
  }
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const reason = `This is a bug in Forkpoint: ${said}`;
  tell(`${reason}\n${stack}\n`);
  return { code: 5, reason };
}
