import type { Channel, ChannelEnd, ExecResult, Shell } from '../../contracts/shell.ts';
import { HarnessBug, messageOf } from '../../std/errors.ts';

/** Loaded with the first command: loading takes longer than planning a scenario, which runs no command. */
const exec = () => import('../../std/exec.ts');
type Exec = Awaited<ReturnType<typeof exec>>;

const stderrTailCharacters = 4_000;
/** For the answer of a command that was ended on another machine. */
const graceMs = 4_000;

export interface CommandShellOptions {
  /** Makes of a command what the prefix must be given, where that is not the command itself. */
  readonly wrap?: (argv: readonly string[]) => readonly string[];
  /**
   * The prefix leads to another machine, where a command goes on after its connection is closed: it is ended there when its
   * time is up.
   */
  readonly isFar?: true;
  /** Why the prefix itself failed, and not the command; undefined: it did not. */
  readonly refusal?: (result: ExecResult) => Error | undefined;
}

/**
 * A shell that puts a prefix before every command: nsenter, ssh, sudo. An empty prefix is this host itself.
 * `env` is this host's: the prefix decides what it passes on.
 */
export function commandShell(
  description: string,
  prefix: readonly string[],
  { wrap = (argv) => argv, isFar, refusal }: CommandShellOptions = {},
): Shell {
  return {
    description,
    run: async (argv, { stdin, env, signal, timeoutMs } = {}) => {
      const result = await (
        await exec()
      ).run([...prefix, ...wrap(isFar ? endedThere(argv, timeoutMs) : argv)], {
        signal,
        endsGroup: true,
        ...(stdin !== undefined && { input: stdin }),
        ...(env && { env }),
        ...(timeoutMs !== undefined && { timeoutMs: timeoutMs + (isFar ? graceMs : 0) }),
      });
      const failed = refusal?.(result);
      if (failed) throw failed;
      return result;
    },
    open: async (argv) => openCommand(await exec(), [...prefix, ...wrap(argv)], refusal),
  };
}

/** Killed 2 s after the signal that it may have ignored. */
function endedThere(argv: readonly string[], timeoutMs: number | undefined): readonly string[] {
  if (timeoutMs === undefined) return argv;
  return ['timeout', '-k', '2', String(Math.ceil(timeoutMs / 1_000)), ...argv];
}

function openCommand(
  { start }: Exec,
  argv: readonly string[],
  refusal: CommandShellOptions['refusal'],
): Channel {
  const child = start(argv, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: false,
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new HarnessBug(`${argv[0] ?? ''}: started without pipes`);
  // A command that has ended takes no more input; its exit says so better than a broken pipe.
  stdin.on('error', () => undefined);
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-stderrTailCharacters);
  });
  const ended = child.then(
    (result): ChannelEnd => {
      const { exitCode = 0 } = result;
      const broken = refusal?.({ exitCode, stdout: '', stderr: said });
      if (broken) return { outcome: 'unknown', how: broken.message, stderr: said.trim() };
      const cannotStart = result.exitCode === undefined && result.signal === undefined;
      const how = cannotStart
        ? `cannot start: ${result.originalMessage ?? result.code ?? '?'}`
        : (result.signal ?? `exit code ${result.exitCode ?? '?'}`);
      return { outcome: result.signal ? 'killed' : 'exited', how, stderr: said.trim() };
    },
    (error: unknown): ChannelEnd => ({ outcome: 'unknown', how: messageOf(error), stderr: said }),
  );
  return { stdin, stdout, ended, kill: () => void child.kill('SIGKILL') };
}
