import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { HeldCommand } from '../../machine/held-command.ts';
import type { Box, Demultiplexer } from './containers.ts';
import { ask } from '../../shells/docker/engine.ts';

/**
 * Starts a command as root in a container and holds its standard input, which the engine ends when this process does.
 * Errors: EnvironmentError.
 */
export async function holdExec(
  { name, container }: Box,
  argv: readonly string[],
): Promise<HeldCommand> {
  return ask(`start ${argv[0] ?? ''} in ${name}`, async () => {
    const exec = await container.exec({
      Cmd: [...argv],
      User: '0',
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    (container.modem as Demultiplexer).demuxStream(stream, stdout, stderr);
    stream.on('close', () => {
      stdout.end();
      stderr.end();
    });
    const ended = text(stderr).then((said) => said.trim());
    return { stdin: stream, stdout, ended };
  });
}
