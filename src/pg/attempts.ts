/**
 * The first result of many attempts: one is begun now, and another each time `everyMs` passes without a result, so that
 * an attempt whose packets were dropped does not hold up one that would succeed. Undefined when none is under way any
 * more, and when aborted.
 * `discard` gets what comes too late. Errors: the first that an attempt throws.
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
