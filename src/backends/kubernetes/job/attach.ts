import { PassThrough, Writable } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Channel, ChannelEnd } from '../../../contracts/shell.ts';
import { type ExecSocket, openAttach } from '../../../shells/kubernetes/exec-socket.ts';
import type { PodAddress } from '../../../shells/kubernetes/pod-address.ts';

/** How a container ended, whatever the connection says of it. */
export type HowItEnded = (why: string) => Promise<Omit<ChannelEnd, 'stderr'>>;

const stderrTailCharacters = 4_000;

/**
 * The first process of a container, as a command whose streams we hold. Its input ends when the connection does.
 * Errors: EnvironmentError when the server refuses, or does not answer.
 */
export async function attach(
  config: KubeConfig,
  address: PodAddress,
  howItEnded: HowItEnded,
): Promise<Channel> {
  const stdout = new PassThrough();
  const closed = Promise.withResolvers<string>();
  const opened: { socket?: ExecSocket } = {};
  let stderr = '';
  const socket = await openAttach(config, address, {
    stdout: (bytes) => {
      if (!stdout.write(bytes)) opened.socket?.pause();
    },
    stderr: (bytes) => {
      stderr = (stderr + bytes.toString()).slice(-stderrTailCharacters);
    },
    status: () => undefined,
    closed: closed.resolve,
  });
  opened.socket = socket;
  stdout.on('drain', () => socket.resume());
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(chunk);
      done();
    },
    final: (done) => {
      socket.end('we closed it');
      done();
    },
  });
  return {
    stdin,
    stdout,
    ended: closed.promise.then(async (why) => {
      stdout.end();
      return { ...(await howItEnded(why)), stderr: stderr.trim() };
    }),
    kill: () => socket.end('we closed it'),
  };
}
