import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';
import { messageOf } from '../../std/errors.ts';
import { withDeadline } from '../../std/with-deadline.ts';
import { bootstrap } from './bootstrap.ts';
import type { PodAddress } from './pod-address.ts';
import { refused } from './refused.ts';

/** What comes from a command in a pod. */
export interface ExecEvents {
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  /** The server's last word. */
  status(status: V1Status): void;
  /** The connection is over, with or without a status. `why`: in words, where we ended it. */
  closed(why: string): void;
}

/** An exec whose standard input we hold. */
export interface ExecSocket {
  /** Bytes of standard input. */
  send(bytes: Buffer): void;
  /** No more is read for now. */
  pause(): void;
  resume(): void;
  /** The connection ends at once. */
  end(why: string): void;
}

/** What is used of the library's WebSocket, whose types it leaves out. */
interface Socket {
  readonly readyState: number;
  readonly OPEN: number;
  on(event: 'pong' | 'message' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  send(bytes: Buffer): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

const pingEveryMs = 5_000;
/** An API server that answers no ping for this long is gone, or the way to it. */
const silenceMs = 15_000;
const connectTimeoutMs = 15_000;

/**
 * Starts the bootstrap in a pod's container.
 * Errors: EnvironmentError with what the server answered and what to do.
 */
export function openExec(
  config: KubeConfig,
  address: PodAddress,
  argv: readonly string[],
  events: ExecEvents,
): Promise<ExecSocket> {
  const command = ['sh', '-c', bootstrap, 'sh', ...argv];
  return openStreams(config, address, { resource: 'exec', command }, events);
}

/**
 * The streams of a container's own first process, from now on. It has no exit code here, and its input ends with the
 * connection alone.
 * Errors: as `openExec`.
 */
export function openAttach(
  config: KubeConfig,
  address: PodAddress,
  events: ExecEvents,
): Promise<ExecSocket> {
  return openStreams(config, address, { resource: 'attach', command: [] }, events);
}

interface Asked {
  readonly resource: 'exec' | 'attach';
  readonly command: readonly string[];
}

async function openStreams(
  config: KubeConfig,
  { namespace, pod, container }: PodAddress,
  { resource, command }: Asked,
  events: ExecEvents,
): Promise<ExecSocket> {
  const query = new URLSearchParams({
    stdin: 'true',
    stdout: 'true',
    stderr: 'true',
    tty: 'false',
  });
  if (container !== undefined) query.set('container', container);
  for (const word of command) query.append('command', word);
  const where = `/api/v1/namespaces/${namespace}/pods/${pod}/${resource}`;
  const onBytes = (stream: number, bytes: Buffer): boolean => {
    if (stream === channel.stdout) events.stdout(bytes);
    else if (stream === channel.stderr) events.stderr(bytes);
    else if (stream === channel.status) {
      events.status(JSON.parse(bytes.toString()) as V1Status);
      return false;
    }
    return true;
  };
  // Its WebSocket, and not its exec: that has no close, no ping and no backpressure.
  const { handler } = new Exec(config);
  const path = `${where}?${query.toString().replaceAll('+', '%20')}`;
  const connected = handler.connect(path, null, onBytes) as Promise<unknown> as Promise<Socket>;
  const limit = { what: `${pod}: ${resource}`, timeoutMs: connectTimeoutMs };
  const socket = await withDeadline(connected, limit).catch((error: unknown) => {
    throw refused({ namespace, pod, container }, resource, error);
  });
  let why = 'the connection to it broke';
  let heardMs = performance.now();
  let isPaused = false;
  socket.on('pong', () => (heardMs = performance.now()));
  socket.on('message', () => (heardMs = performance.now()));
  socket.on('error', (error) => (why = messageOf(error)));
  const ping = setInterval(() => {
    // Pongs are not read while we read nothing.
    if (isPaused) heardMs = performance.now();
    if (performance.now() - heardMs > silenceMs) {
      why = `the API server was silent for ${silenceMs / 1000} s`;
      socket.terminate();
    } else if (socket.readyState === socket.OPEN) socket.ping();
  }, pingEveryMs);
  ping.unref();
  socket.on('close', () => {
    clearInterval(ping);
    events.closed(why);
  });
  if (socket.readyState !== socket.OPEN) queueMicrotask(() => events.closed(why));
  return {
    send: (bytes) => {
      if (socket.readyState === socket.OPEN)
        socket.send(Buffer.concat([Buffer.from([channel.stdin]), bytes]));
    },
    pause: () => {
      isPaused = true;
      socket.pause();
    },
    resume: () => {
      isPaused = false;
      socket.resume();
    },
    end: (reason) => {
      why = reason;
      socket.terminate();
    },
  };
}

/** The first byte of every message. Source: Kubernetes, remotecommand, v4.channel.k8s.io. */
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const;
