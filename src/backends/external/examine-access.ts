import { http } from '../../patroni/http.ts';
import type { NodeAccess } from './access.ts';

const timeoutMs = 5_000;

/**
 * Why Patroni would refuse what faults ask of it; undefined: it would not, or does not answer, which others report. Its answers
 * to GET need no login, so a failover is asked for without a candidate: a request that is always refused, but for its
 * content only where the login is right.
 * Source: Patroni's api.py, check_access and do_POST_failover.
 * Errors: the signal's reason when aborted.
 */
export async function examineAccess(
  { name, rest }: NodeAccess,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!rest) return undefined;
  const asked = { method: 'POST', path: '/failover', body: {}, timeoutMs, signal } as const;
  let answer: Awaited<ReturnType<typeof http>>;
  try {
    answer = await http(rest, asked);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  const why = answer.text.trim().slice(0, 200) || `status ${answer.status}`;
  const said = `${name}: Patroni's REST interface refuses requests that change something: ${why}`;
  if (answer.status === 401) {
    const has = 'auth' in rest;
    return has
      ? `${said}; check user and password of patroni.auth in the cluster file`
      : `${said}; it demands a login: add patroni.auth to the cluster file`;
  }
  if (answer.status === 403) {
    return `${said}; add this host to restapi.allowlist of its configuration, or take patroni out of consent`;
  }
  return undefined;
}
