import { expect } from 'vitest';
import { matchers } from './api/matchers.ts';

/** `import 'forkpoint/vitest'` in a test, or in Vitest's setupFiles. */
expect.extend(matchers);

declare module 'vitest' {
  // Its type parameters have to be declared as Vitest declares them.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toHaveLostNothing(): void;
    toHaveLost(count: number): void;
    /** `10s`, `500ms` */
    toHaveRecoveredWithin(limit: string): void;
    toHavePassed(): void;
  }
}
