import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** The engine's default socket, which tests use. */
const enginePath = '/var/run/docker.sock';

/** The real engine behind a socket of ours, with another version number. */
export async function oldEngine(
  socketPath: string,
  claims: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    const real = request({ socketPath: enginePath, method, path: url, headers }, (said) => {
      if (url?.endsWith('/version')) void tell(said);
      else {
        answer.writeHead(said.statusCode ?? 500, said.headers);
        said.pipe(answer);
      }
    });
    asked.pipe(real);
    const tell = async (said: IncomingMessage) => {
      const facts = JSON.parse(await text(said)) as object;
      answer.end(JSON.stringify({ ...facts, ...claims }));
    };
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
