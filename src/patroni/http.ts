import { type RequestOptions, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Json } from '../contracts/json.ts';

/** The address of an HTTP server: a Unix socket, or a host and port. */
export type HttpTarget = { readonly socketPath: string } | TcpTarget;

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  /** Source address: a request fails at once if this host does not have it (any longer). */
  readonly localAddress?: string;
  /** https, verified by these roots, or by the host's. */
  readonly tls?: { readonly ca?: string };
  /** Basic authentication. */
  readonly auth?: { readonly user: string; readonly password: string };
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request on a connection of its own, so that a server that was frozen and continued does not affect the next one.
 * Errors: Error without a complete answer in time; the signal's reason when aborted.
 */
export async function http(target: HttpTarget, asked: HttpRequest): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(asked.timeoutMs);
  const signal = asked.signal ? AbortSignal.any([asked.signal, deadline]) : deadline;
  try {
    return await exchange(target, asked, signal);
  } catch (error) {
    asked.signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw new Error(`no answer in ${asked.timeoutMs} ms`, { cause: error });
  }
}

function exchange(
  target: HttpTarget,
  { method, path, body }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(payload)),
  };
  const { tls, auth, ...address } = { tls: undefined, auth: undefined, ...target };
  const options: RequestOptions = {
    ...address,
    ...tls,
    ...(auth && { auth: `${auth.user}:${auth.password}` }),
    method,
    path,
    headers,
    signal,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const sent = (tls ? requestTls : request)(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(payload);
  });
}

/** Errors: SyntaxError when the answer is not JSON; Error with the status when it is not a success. */
export function jsonOf(answer: HttpAnswer): Json {
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`status ${answer.status}: ${answer.text.trim().slice(0, 500)}`);
  }
  return JSON.parse(answer.text) as Json;
}
