import { afterAll } from 'vitest';

/**
 * Ends after a file's (or a describe's) tests what its beforeAll made, the last first. What a failed boot never made is not
 * in it, so the boot's own error is the only one that is told.
 */
export function ownedBySuite(): AsyncDisposableStack {
  const stack = new AsyncDisposableStack();
  afterAll(() => stack.disposeAsync());
  return stack;
}
