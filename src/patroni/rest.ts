import type { PatroniDocument } from '../contracts/cluster.ts';
import type { Json } from '../contracts/json.ts';
import { ClusterError, messageOf, PatroniAnswer } from '../std/errors.ts';
import { type HttpAnswer, type HttpTarget, http, jsonOf } from './http.ts';

const answerTimeoutMs = 1_000;
/** Patroni answers a switchover only when there is a new leader, or after it gave up. */
const switchTimeoutMs = 120_000;

/** The REST API of one member. */
export interface PatroniMember {
  readonly node: string;
  readonly target: HttpTarget;
}

/**
 * The dynamic configuration as this member's own loop last loaded it.
 * Source: Patroni, api.py (do_GET_config) and __main__.py (_run_cycle applies it in the same loop).
 * Errors: ClusterError naming the member.
 */
export async function readConfig(member: PatroniMember, signal?: AbortSignal): Promise<Json> {
  return ask(member, 'GET', '/config', { signal });
}

/** What a member says of the whole cluster. Errors: ClusterError naming the member. */
export async function readDocument(
  member: PatroniMember,
  document: PatroniDocument,
  signal?: AbortSignal,
): Promise<Json> {
  return ask(member, 'GET', document, { signal });
}

/** State and tags of one member, whatever its role. Errors: ClusterError naming the member. */
export async function readStatus(member: PatroniMember, signal?: AbortSignal): Promise<Json> {
  return ask(member, 'GET', '/patroni', { signal });
}

/** Merges `patch` into the cluster's dynamic configuration. Errors: ClusterError naming the member. */
export async function patchConfig(
  member: PatroniMember,
  patch: Json,
  signal?: AbortSignal,
): Promise<Json> {
  return ask(member, 'PATCH', '/config', { body: patch, signal });
}

/** Planned change of leader. Returns Patroni's message. Errors: PatroniAnswer with Patroni's message. */
export async function switchover(
  members: readonly PatroniMember[],
  options: { readonly from: string; readonly to?: string },
  signal: AbortSignal,
): Promise<string> {
  const { from, to } = options;
  const body = { leader: from, ...(to !== undefined && { candidate: to }) };
  return post(members, '/switchover', { body, first: from, signal });
}

/** Unplanned change of leader to a named member. Errors: PatroniAnswer with Patroni's message. */
export async function failover(
  members: readonly PatroniMember[],
  options: { readonly to: string },
  signal: AbortSignal,
): Promise<string> {
  return post(members, '/failover', { body: { candidate: options.to }, first: options.to, signal });
}

/** Restarts one member's PostgreSQL in an orderly way. Errors: PatroniAnswer with Patroni's message. */
export async function restart(
  members: readonly PatroniMember[],
  node: string,
  signal: AbortSignal,
): Promise<string> {
  const member = members.filter((candidate) => candidate.node === node);
  return post(member, '/restart', { body: {}, first: node, signal });
}

/**
 * Makes one replica clone itself again from the leader; answers when that has begun.
 * Errors: ClusterError with Patroni's message: the leader cannot be reinitialized.
 */
export async function reinitialize(
  members: readonly PatroniMember[],
  node: string,
  signal: AbortSignal,
): Promise<string> {
  const member = members.filter((candidate) => candidate.node === node);
  return post(member, '/reinitialize', { body: { force: true }, first: node, signal });
}

/** Tries one member after the other until one answers; its answer is final, whatever it is. */
async function post(
  members: readonly PatroniMember[],
  path: '/switchover' | '/failover' | '/restart' | '/reinitialize',
  request: { readonly body: Json; readonly first: string; readonly signal: AbortSignal },
): Promise<string> {
  const { body, first, signal } = request;
  const ordered = members.toSorted((a, b) => Number(b.node === first) - Number(a.node === first));
  const silent: string[] = [];
  for (const { node, target } of ordered) {
    const answer = await http(target, {
      method: 'POST',
      path,
      body,
      timeoutMs: switchTimeoutMs,
      signal,
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      // Only after a refused connection is it certain that the request is not being carried out.
      if (!isRefused(error)) {
        throw new PatroniAnswer(`${node}: POST ${path}: ${messageOf(error)}`, 0, { cause: error });
      }
      silent.push(`${node}: ${messageOf(error)}`);
      return undefined;
    });
    if (answer) return accepted(answer, `${node}: POST ${path} ${JSON.stringify(body)}`);
  }
  throw new ClusterError(`POST ${path}: no member accepted the request (${silent.join('; ')})`);
}

function accepted(answer: HttpAnswer, what: string): string {
  const said = answer.text.trim();
  // 202: Patroni accepted the request and will carry it out later, so the outcome is unknown.
  if (answer.status === 200) return said;
  throw new PatroniAnswer(`${what}: Patroni answered ${answer.status}: ${said}`, answer.status);
}

async function ask(
  member: PatroniMember,
  method: 'GET' | 'PATCH',
  path: string,
  more: { readonly body?: Json; readonly signal?: AbortSignal | undefined },
): Promise<Json> {
  try {
    return jsonOf(await http(member.target, { method, path, timeoutMs: answerTimeoutMs, ...more }));
  } catch (error) {
    more.signal?.throwIfAborted();
    throw noAnswer(`${method} ${path}`, member.node, error);
  }
}

function noAnswer(what: string, node: string, error: unknown): ClusterError {
  return new ClusterError(`${node}: ${what}: ${messageOf(error)}`, { cause: error });
}

/** A relay passes a refused connection on as ECONNRESET without a byte of an answer. */
function isRefused(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EHOSTUNREACH'].includes(code);
}
