#!/usr/bin/env node
import { type Ended, runCommandLine } from './commands/command-line.ts';
import type { TakeInterrupt } from './commands/support/command-host.ts';
import { npmScriptOf, standWhereTheUserDoes } from './commands/support/npm-script.ts';
import { outputFailure, tell, watchOutput } from './std/output.ts';
import { monotonicMs } from './std/wait.ts';

const interrupted = 130;
/** One Ctrl-C under npm arrives twice: from the terminal and, forwarded, from npm. */
const samePressMs = 300;

/** argv -> command -> exit code. No other code ends the process. */
async function main(): Promise<Ended> {
  hidePassword(process.argv);
  const interruption = new AbortController();
  let pressedAtMs = -Infinity;
  let taken: { readonly says: string; readonly work: () => void } | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (monotonicMs() - pressedAtMs < samePressMs) return;
    // The lab ends with this process, so the second signal needs no cleanup.
    if (interruption.signal.aborted) process.exit(interrupted);
    pressedAtMs = monotonicMs();
    if (taken) {
      const { says, work } = taken;
      taken = undefined;
      tell(`\n${name}: ${says}; press again to interrupt\n`);
      work();
      return;
    }
    tell(`\n${name}: healing and cleaning up; press again to quit at once\n`);
    interruption.abort(new Error(`interrupted by ${name}`));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);

  // The suite that started this run has died. Outside a suite there is no channel, and no such event.
  process.on('disconnect', () => onSignal('SIGHUP'));

  const takeInterrupt: TakeInterrupt = (says, work) => {
    const own = { says, work };
    taken = own;
    return { [Symbol.dispose]: () => void (taken = taken === own ? undefined : taken) };
  };
  watchOutput();
  const script = npmScriptOf(process);
  if (script) standWhereTheUserDoes(script);
  return runCommandLine(process.argv.slice(2), {
    signal: interruption.signal,
    script,
    takeInterrupt,
  });
}

const ended = await main();
// A pipe takes 64 kB at a time: exiting now would lose the rest.
await new Promise((resolve) => process.stdout.write('', resolve));
// A full disk is reported one turn of the event loop later.
await new Promise((resolve) => setImmediate(resolve));
process.exit(codeAfterOutput(ended));

/** A connection string may hold a password, and every user may read the command line of a process. */
function hidePassword(argv: readonly string[]): void {
  const holdsOne = /\w+:\/\/[^@\s]*:[^@\s]*@|password\s*=/i;
  if (argv.some((word) => holdsOne.test(word))) process.title = `forkpoint ${argv[2] ?? ''}`;
}

/** What could not be read was not said: 0, 1 and 2 become 4. What did not go well all the same keeps its code. */
function codeAfterOutput({ code, isVerdict }: Ended): number {
  const failure = outputFailure();
  if (!failure || code > 2) return code;
  const { stream, error } = failure;
  // The reader has seen enough: `forkpoint history RUN | head`.
  if (error.code === 'EPIPE' && !isVerdict && code === 0) return 0;
  const kept = isVerdict ? " What was not shown is in the run's folder." : '';
  tell(`cannot write to ${stream}: ${error.message}.${kept}\n`);
  return 4;
}
