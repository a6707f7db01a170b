import { mkdir } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Channel, Shell } from '../../contracts/shell.ts';
import { messageOf } from '../../std/errors.ts';
import { start } from '../../std/exec.ts';

export interface Receiving {
  /** On this host. */
  readonly into: string;
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** Ends it, with the reason's message. */
  readonly signal?: AbortSignal;
}

/**
 * Unpacks the tar archives that a command on a machine writes, into a folder of this host.
 * Errors: Error that says which limit was reached, or how the command or tar ended.
 */
export async function receive(
  shell: Shell,
  argv: readonly string[],
  { into, timeoutMs, mostBytes, signal }: Receiving,
): Promise<void> {
  await mkdir(into, { recursive: true, mode: 0o700 });
  const channel = await shell.open(argv);
  channel.stdin.end();
  let broken: string | undefined;
  const give = (why: string): void => {
    broken ??= why;
    channel.kill();
    // What the command started may still write: a pipe that is closed ends it.
    channel.stdout.destroy();
  };
  const interrupt = () => give(messageOf(signal?.reason));
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  const timer = setTimeout(() => give(`not done in ${timeoutMs / 1_000} s`), timeoutMs);
  let bytes = 0;
  channel.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) give(`more than the limit of ${mostBytes} bytes`);
  });
  try {
    await unpack(channel, into);
  } catch (error) {
    throw new Error(broken ?? messageOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
  if (broken !== undefined) throw new Error(broken);
}

async function unpack(channel: Channel, into: string): Promise<void> {
  // Several archives follow each other; the owner is an account of another machine.
  const argv = ['tar', '-x', '-z', '-i', '--no-same-owner', '-C', into, '-f', '-'];
  const tar = start(argv, { stdin: 'pipe', stdout: 'ignore', stderr: 'pipe', reject: false });
  if (!tar.stdin) throw new Error('tar started without a pipe');
  // What tar has against the archive is in its exit code, said below.
  await pipeline(channel.stdout, tar.stdin).catch(() => undefined);
  const [{ outcome, how, stderr }, { exitCode, stderr: said }] = await Promise.all([
    channel.ended,
    tar,
  ]);
  if (outcome !== 'exited' || how !== 'exit code 0') throw new Error(`${how}: ${lastOf(stderr)}`);
  if (exitCode !== 0) throw new Error(`tar -x: exit code ${exitCode}: ${lastOf(String(said))}`);
}

function lastOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
