import { PassThrough, Writable } from 'node:stream';
import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import type {
  Channel,
  ChannelEnd,
  ExecResult,
  Shell,
  ShellRunOptions,
} from '../../contracts/shell.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { shellQuoted } from '../../std/shell-quoted.ts';
import { withEnvironment } from '../../std/with-environment.ts';
import { block, endOfInput, kill, MarkedOutput, newMark } from './bootstrap.ts';
import { type ExecSocket, openExec } from './exec-socket.ts';
import type { PodAddress } from './pod-address.ts';

const stderrTailCharacters = 4_000;
/** For the answer of a command that was ended there. */
const graceMs = 6_000;

/** Commands in a container, as the user that it runs as, by exec through the API server. */
export function podShell(config: KubeConfig, address: PodAddress): Shell {
  const { namespace, pod, container } = address;
  const description = `kubectl -n ${namespace} exec ${pod}${container === undefined ? '' : ` -c ${container}`}`;
  return {
    description,
    run: (argv, options) => runIn(config, address, argv, options),
    open: (argv) => openIn(config, address, argv),
  };
}

/** How an exec ended: by its mark, by the server's status, or by neither. */
type End =
  | { readonly kind: 'done'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'unknown'; readonly why: string };

interface Running {
  readonly socket: ExecSocket;
  readonly ended: Promise<End>;
}

async function start(
  config: KubeConfig,
  address: PodAddress,
  {
    mode,
    argv,
    onStdout,
    onStderr,
  }: {
    readonly mode: 'run' | 'open';
    readonly argv: readonly string[];
    readonly onStdout: (bytes: Buffer) => void;
    readonly onStderr: (bytes: Buffer) => void;
  },
): Promise<Running> {
  const mark = newMark();
  const stdout = new MarkedOutput(mark, onStdout);
  const stderr = new MarkedOutput(mark, onStderr);
  const ended = Promise.withResolvers<End>();
  let status: V1Status | undefined;
  const look = () => {
    const { trailer } = stdout;
    if (trailer === undefined || !stderr.isMarked) return;
    ended.resolve({ kind: 'done', exitCode: Number(trailer) });
    // The bootstrap waits for our word alone.
    opened.socket?.end('it ended');
  };
  const opened: { socket?: ExecSocket } = {};
  const socket = await openExec(config, address, [mode, mark], {
    stdout: (bytes) => {
      stdout.push(bytes);
      look();
    },
    stderr: (bytes) => {
      stderr.push(bytes);
      look();
    },
    status: (said) => (status = said),
    closed: (why) => {
      stdout.end();
      stderr.end();
      ended.resolve(status ? endOf(status) : { kind: 'unknown', why });
    },
  });
  opened.socket = socket;
  socket.send(block(Buffer.from(argv.map(shellQuoted).join(' '))));
  look();
  return { socket, ended: ended.promise };
}

/** A status without the mark before it. Source: Kubernetes, remotecommand/v4: NonZeroExitCode and its cause. */
function endOf({ status, message, details }: V1Status): End {
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code !== undefined) return { kind: 'done', exitCode: Number(code) };
  if (status === 'Success') return { kind: 'unknown', why: 'its output was cut short' };
  return { kind: 'failed', message: message ?? 'no reason was given' };
}

async function runIn(
  config: KubeConfig,
  address: PodAddress,
  argv: readonly string[],
  { stdin = '', env = {}, signal, timeoutMs }: ShellRunOptions = {},
): Promise<ExecResult> {
  signal?.throwIfAborted();
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const { socket, ended } = await start(config, address, {
    mode: 'run',
    argv: [...endedThere(timeoutMs), ...withEnvironment(argv, env)],
    onStdout: (bytes) => said.stdout.push(bytes),
    onStderr: (bytes) => said.stderr.push(bytes),
  });
  socket.send(block(Buffer.from(stdin)));
  socket.send(endOfInput);
  const stop = (why: string) => {
    socket.send(kill);
    // Its death is not waited for.
    setTimeout(() => socket.end(why), killedMs).unref();
  };
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => {
    stop('stopped by its signal');
    aborted.reject(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => stop(`no answer in ${(timeoutMs + graceMs) / 1000} s`),
          timeoutMs + graceMs,
        );
  try {
    const end = await Promise.race([ended, aborted.promise]);
    if (end.kind === 'done') {
      const [stdout, stderr] = [said.stdout, said.stderr].map((all) =>
        Buffer.concat(all).toString(),
      );
      return { exitCode: end.exitCode, stdout: stdout ?? '', stderr: stderr ?? '' };
    }
    const what = `${address.pod}: ${argv[0] ?? ''}`;
    if (end.kind === 'failed') throw new EnvironmentError(`${what}: ${end.message}`);
    throw new EnvironmentError(`${what}: whether it has ended is unknown: ${end.why}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const killedMs = 200;

/** Killed 2 s after the signal that it may have ignored. */
function endedThere(timeoutMs: number | undefined): readonly string[] {
  if (timeoutMs === undefined) return [];
  return ['timeout', '-k', '2', String(Math.ceil(timeoutMs / 1_000))];
}

async function openIn(
  config: KubeConfig,
  address: PodAddress,
  argv: readonly string[],
): Promise<Channel> {
  const stdout = new PassThrough();
  let stderr = '';
  const opened: { socket?: ExecSocket } = {};
  stdout.on('drain', () => opened.socket?.resume());
  const { socket, ended } = await start(config, address, {
    mode: 'open',
    argv,
    onStdout: (bytes) => {
      if (!stdout.write(bytes)) opened.socket?.pause();
    },
    onStderr: (bytes) => {
      stderr = (stderr + bytes.toString()).slice(-stderrTailCharacters);
    },
  });
  opened.socket = socket;
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(block(chunk));
      done();
    },
    final: (done) => {
      socket.send(endOfInput);
      done();
    },
  });
  stdin.on('error', () => undefined);
  return {
    stdin,
    stdout,
    ended: ended.then((end) => {
      stdout.end();
      return channelEnd(end, stderr.trim());
    }),
    kill: () => {
      socket.send(kill);
      setTimeout(() => socket.end('we closed it'), killedMs).unref();
    },
  };
}

function channelEnd(end: End, stderr: string): ChannelEnd {
  if (end.kind === 'done') {
    // As shells number deaths by a signal.
    if (end.exitCode === 137) return { outcome: 'killed', how: 'SIGKILL', stderr };
    return { outcome: 'exited', how: `exit code ${end.exitCode}`, stderr };
  }
  if (end.kind === 'failed')
    return { outcome: 'exited', how: `cannot start: ${end.message}`, stderr };
  return { outcome: 'unknown', how: end.why, stderr };
}
