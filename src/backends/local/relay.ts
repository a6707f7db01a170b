/**
 * Process entry. Runs in a lab's own network namespace and connects Unix sockets, which the harness can open from outside,
 * to TCP ports of the members, which it cannot reach.
 * Argument: JSON, [{ socket, host, port }].
 */
import { type Socket, connect, createServer } from 'node:net';
import { pathToFileURL } from 'node:url';

export interface RelayLine {
  readonly socket: string;
  readonly host: string;
  readonly port: number;
}

function serve({ socket, host, port }: RelayLine): void {
  const server = createServer((near) => join(near, connect({ host, port })));
  server.on('error', (error) => {
    console.error(`relay: ${socket}: ${error.message}`);
  });
  server.listen(socket);
}

/** When one side ends or breaks, so does the other. */
function join(near: Socket, far: Socket): void {
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const line of JSON.parse(process.argv[2] ?? '[]') as RelayLine[]) serve(line);
}
