import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type {
  Channel,
  ChannelEnd,
  ExecResult,
  Shell,
  ShellRunOptions,
} from '../../contracts/shell.ts';
import { messageOf } from '../../std/errors.ts';
import { ask, type Container } from './engine.ts';

const stderrTailCharacters = 4_000;
const timedOut = 124;

/** Runs commands as root in a container, by exec through the engine's API; needs only access to the engine. */
export function engineShell(name: string, container: Container): Shell {
  return {
    description: `docker exec ${name}`,
    run: (argv, options) => runIn(name, container, argv, options),
    open: (argv) => openIn(name, container, argv),
  };
}

/** Starts a command as root in a container and does not wait for it. Errors: EnvironmentError. */
export async function startDetached(
  name: string,
  container: Container,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await ask(`start ${argv[0] ?? ''} in ${name}`, async () => {
    const exec = await container.exec({ Cmd: [...argv], User: '0', Env: variables(env) });
    const stream = await exec.start({ Detach: true });
    stream.destroy();
  });
}

async function runIn(
  name: string,
  container: Container,
  argv: readonly string[],
  { stdin, signal, env = {}, timeoutMs }: ShellRunOptions = {},
): Promise<ExecResult> {
  signal?.throwIfAborted();
  return ask(`run ${argv[0] ?? ''} in ${name}`, async () => {
    const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const ends = [signal, late].filter((one) => one !== undefined);
    const hasInput = stdin !== undefined;
    const exec = await container.exec({
      Cmd: [...argv],
      AttachStdin: hasInput,
      AttachStdout: true,
      AttachStderr: true,
      User: '0',
      Env: variables(env),
    });
    const stream = await exec.start({ hijack: true, stdin: hasInput });
    // The engine does not end a command whose stream is closed: the caller only stops waiting for it.
    const cut = () => stream.destroy();
    for (const end of ends) end.addEventListener('abort', cut, { once: true });
    if (hasInput) stream.end(stdin);
    const { stdout, stderr } = split(container, stream);
    const said = await Promise.all([text(stdout), text(stderr)]);
    for (const end of ends) end.removeEventListener('abort', cut);
    signal?.throwIfAborted();
    if (late?.aborted) return { exitCode: timedOut, stdout: said[0], stderr: said[1] };
    const { ExitCode: exitCode } = await exec.inspect();
    return { exitCode: exitCode ?? 128, stdout: said[0], stderr: said[1] };
  });
}

function openIn(name: string, container: Container, argv: readonly string[]): Promise<Channel> {
  return ask(`start ${argv[0] ?? ''} in ${name}`, async () => {
    const exec = await container.exec({
      Cmd: [...argv],
      User: '0',
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    stream.on('error', () => undefined);
    const { stdout, stderr } = split(container, stream);
    const ended = text(stderr).then(async (said): Promise<ChannelEnd> => {
      const rest = said.trim().slice(-stderrTailCharacters);
      try {
        const { ExitCode: exitCode, Running: isRunning } = await exec.inspect();
        if (isRunning || exitCode === null) {
          return { outcome: 'unknown', how: 'the stream to it broke', stderr: rest };
        }
        return { outcome: 'exited', how: `exit code ${exitCode}`, stderr: rest };
      } catch (error) {
        return { outcome: 'unknown', how: messageOf(error), stderr: rest };
      }
    });
    return { stdin: stream, stdout, ended, kill: () => void stream.destroy() };
  });
}

/** The stream of docker-modem, which has no types. */
interface Demultiplexer {
  demuxStream(from: NodeJS.ReadableStream, stdout: PassThrough, stderr: PassThrough): void;
}

function split(
  container: Container,
  stream: NodeJS.ReadableStream,
): { readonly stdout: Readable; readonly stderr: Readable } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  (container.modem as Demultiplexer).demuxStream(stream, stdout, stderr);
  stream.on('close', () => {
    stdout.end();
    stderr.end();
  });
  return { stdout, stderr };
}

function variables(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([key, value]) => `${key}=${value}`);
}
