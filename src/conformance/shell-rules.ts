import { text } from 'node:stream/consumers';
import type { Shell, ShellKind } from '../contracts/shell.ts';
import { messageOf } from '../std/errors.ts';
import { monotonicMs } from '../std/wait.ts';
import { exampleParams, mappingRules, summaryRule } from './params.ts';
import { demand, demandEqual, NotTried, type Rule, type Subject } from './rule.ts';

type ShellSubject = Subject<ShellKind>;

/** No shell on the way may interpret any of it. */
const awkward = ['a b', '$HOME', "it's", '"', '*', ';', '\\', 'é', 'two\nlines', ''];
const limitMs = 20_000;
/** Enough for a busy machine, and less than the 20 s that the command would take. */
const soonMs = 15_000;

/** The rules for every shell, tried with its `example` on a real machine if the example leads to one. */
export const shellRules: readonly Rule<ShellSubject>[] = [
  summaryRule<ShellKind>(),
  ...mappingRules<ShellKind>([]),
  {
    says: 'says which machine it reaches before anything is sent',
    check: ({ extension }) => {
      const { description } = extension.make(exampleParams(extension));
      demand(/^\S[^\n]*$/.test(description), `\`description\` is '${description}'`);
    },
  },
  live('passes every argument on unchanged', async (shell) => {
    const { stdout } = await shell.run(['printf', '%s|', ...awkward], { timeoutMs: limitMs });
    demandEqual(stdout, awkward.map((word) => `${word}|`).join(''), 'printf writes');
  }),
  live('returns output, errors and the exit status apart', async (shell) => {
    const argv = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
    const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs: limitMs });
    demandEqual([exitCode, stdout.trim(), stderr.trim()], [7, 'out', 'err'], 'it returns');
  }),
  live('gives a command its input, and none where there is none', async (shell) => {
    const given = await shell.run(['cat'], { stdin: 'words\n', timeoutMs: limitMs });
    const none = await shell.run(['cat'], { timeoutMs: limitMs });
    demandEqual([given.stdout.trim(), none.stdout], ['words', ''], 'cat writes');
  }),
  live('ends a command that takes too long, with exit code 124', async (shell) => {
    const { exitCode } = await soon(shell.run(['sleep', '20'], { timeoutMs: 300 }));
    demandEqual(exitCode, 124, 'its exit code is');
  }),
  live('rejects with the reason of the signal that stops it', async (shell) => {
    const reason = new Error('enough');
    const stopped = shell.run(['sleep', '20'], { signal: abortedSoon(reason) });
    const failure: unknown = await soon(stopped.catch((error: unknown) => error));
    demand(failure === reason, `it says: ${messageOf(failure)}`);
  }),
  live('holds the streams of a command, and knows how it ended', async (shell) => {
    const channel = await shell.open(['sh', '-c', 'cat; echo last >&2; exit 3']);
    channel.stdin.end('through');
    const said = await text(channel.stdout);
    const { outcome, how, stderr } = await channel.ended;
    const found = [said, outcome, how, stderr.trim()];
    demandEqual(found, ['through', 'exited', 'exit code 3', 'last'], 'it hands over');
  }),
];

/** A rule that needs a machine. Errors: NotTried where the example leads to none. */
function live(says: string, check: (shell: Shell) => Promise<void>): Rule<ShellSubject> {
  return {
    says,
    check: async ({ extension }) => {
      const shell = extension.make(exampleParams(extension));
      await requireMachine(shell);
      await check(shell);
    },
  };
}

async function requireMachine(shell: Shell): Promise<void> {
  const found = await shell
    .run(['true'], { timeoutMs: limitMs })
    .then(({ exitCode, stderr }) => (exitCode === 0 ? undefined : `${exitCode} ${stderr}`))
    .catch(messageOf);
  if (found === undefined) return;
  throw new NotTried(`${shell.description} leads to no machine here: ${found.trim()}`);
}

/** Errors: Breach when it takes as long as the command would. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const startedMs = monotonicMs();
  const value = await work;
  const tookMs = Math.round(monotonicMs() - startedMs);
  demand(tookMs < soonMs, `it took ${tookMs} ms to return`);
  return value;
}

function abortedSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 200);
  return controller.signal;
}
