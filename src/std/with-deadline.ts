/** Errors: an Error that names `what`, when no answer came in time; that of the work. The work itself goes on. */
export async function withDeadline<T>(
  work: Promise<T>,
  { what, timeoutMs }: { readonly what: string; readonly timeoutMs: number },
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`${what}: no answer in ${timeoutMs / 1000} s`));
  }, timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
