import { afterAll } from 'vitest';

/**
 * Disposes after a file's (or a describe's) tests what its beforeAll made, newest first. What a failed boot never made is not
 * in it, so the boot's own error is the only one reported.
 */
export function ownedBySuite(): AsyncDisposableStack {
  const stack = new AsyncDisposableStack();
  afterAll(() => stack.disposeAsync());
  return stack;
}
