import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { isLoopback, type ListenAddress } from './listen-address.ts';

export interface Answer {
  readonly type: string;
  readonly body: string | Buffer;
}

/** Answers a path without its query; undefined: there is no such page. */
export type Pages = (path: string) => Answer | undefined | Promise<Answer | undefined>;

export interface ReadOnlyServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves pages that only show. A server on loopback answers no name but this host's own, so that no page of another site can
 * read what it serves by pointing its own name here.
 * Errors: EnvironmentError when the address cannot be had.
 */
export async function serveReadOnly(
  address: ListenAddress,
  pages: Pages,
  option: string,
): Promise<ReadOnlyServer> {
  const server = createServer((request, response) => {
    answer(request, address, pages)
      .then((found) => send(request, response, found))
      .catch(() => send(request, response, { status: 500, text: 'this page cannot be made now' }));
  });
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new EnvironmentError(
      `${option}: cannot listen on ${shown(address.host)}:${address.port}: ${messageOf(error)}. Name a free port, or 0 for any.`,
      { cause: error },
    );
  }
  // What is shown must not keep the process from its end.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${shown(address.host)}:${port}/`,
    [Symbol.asyncDispose]: () => close(server),
  };
}

type Found = Answer | { readonly status: number; readonly text: string };

async function answer(
  { method, headers, url }: IncomingMessage,
  { host }: ListenAddress,
  pages: Pages,
): Promise<Found> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET and HEAD' };
  if (isLoopback(host) && !isLoopback(nameIn(headers.host))) {
    return { status: 403, text: 'asked for by a name that is not this host' };
  }
  const path = pathOf(url ?? '/');
  const found = path === undefined ? undefined : await pages(path);
  return found ?? { status: 404, text: 'there is no such page' };
}

/** undefined for what is no path. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
}

function nameIn(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function send(request: IncomingMessage, response: ServerResponse, found: Found): void {
  const isPage = 'body' in found;
  response.writeHead(isPage ? 200 : found.status, {
    'content-type': isPage ? found.type : 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  if (request.method === 'HEAD') response.end();
  else response.end(isPage ? found.body : `${found.text}\n`);
}

function shown(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
