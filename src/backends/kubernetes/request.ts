import { type RequestOptions, request as httpsRequest } from 'node:https';
import { request as httpRequest } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Json } from '../../contracts/json.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query: '/api/v1/nodes/lab?dryRun=All'. */
  readonly path: string;
  readonly body?: Json;
  /** Of a PATCH: how its body is meant. */
  readonly patch?: 'json' | 'merge';
}

/** An answer that is no success, in the shape that `ask` reads. */
export class ApiAnswer extends Error {
  readonly code: number;
  readonly body: string;

  constructor(code: number, body: string) {
    super(`HTTP ${code}`);
    this.code = code;
    this.body = body;
  }
}

const timeoutMs = 20_000;

/**
 * One request by its path, for objects that the library has no class for, and for patches whose kind it would choose itself.
 * Errors: ApiAnswer with the server's status; the connection's own error.
 */
export async function request(config: KubeConfig, asked: ApiRequest): Promise<Json> {
  const url = new URL(config.getCurrentCluster()?.server ?? '');
  const options: RequestOptions = {
    method: asked.method,
    headers: { Accept: 'application/json', ...contentType(asked) },
    timeout: timeoutMs,
  };
  await config.applyToHTTPSOptions(options);
  const at = new URL(`${url.pathname.replace(/\/$/, '')}${asked.path}`, url);
  const { code, text } = await send(at, options, asked.body);
  if (code < 200 || code > 299) throw new ApiAnswer(code, text);
  return JSON.parse(text) as Json;
}

function contentType({ method, patch, body }: ApiRequest): Readonly<Record<string, string>> {
  if (body === undefined) return {};
  if (method !== 'PATCH') return { 'Content-Type': 'application/json' };
  const kind = patch === 'json' ? 'json-patch' : 'merge-patch';
  return { 'Content-Type': `application/${kind}+json` };
}

function send(
  at: URL,
  options: RequestOptions,
  body: Json | undefined,
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const open = at.protocol === 'http:' ? httpRequest : httpsRequest;
    const sent = open(at, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({ code: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
