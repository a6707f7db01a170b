/**
 * The first result of several attempts: one starts now, and another whenever `everyMs` passes without a result, so that an
 * attempt whose packets were dropped does not delay one that would succeed. Undefined when no attempt is left, and when
 * aborted.
 * `discard` gets results that come too late. Errors: the first error of an attempt.
 */
export function firstOfAttempts<T>(
  attempt: () => Promise<T | undefined>,
  options: {
    readonly everyMs: number;
    readonly signal: AbortSignal;
    discard(late: T): void;
  },
): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  let pending = 0;
  let isOver = false;
  const settle = (found: T | undefined): void => {
    pending--;
    if (isOver) {
      if (found !== undefined) options.discard(found);
      return;
    }
    if (found === undefined && pending > 0) return;
    isOver = true;
    resolve(found);
  };
  const begin = (): void => {
    pending++;
    attempt().then(settle, reject);
  };
  const onAbort = (): void => resolve(undefined);
  const timer = setInterval(begin, options.everyMs);
  options.signal.addEventListener('abort', onAbort, { once: true });
  begin();
  return promise.finally(() => {
    isOver = true;
    clearInterval(timer);
    options.signal.removeEventListener('abort', onAbort);
  });
}
