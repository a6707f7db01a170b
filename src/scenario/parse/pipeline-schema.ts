import { z } from 'zod';
import type { LoadSpec } from '../../contracts/scenario.ts';

export const pipelineSchema = z
  .int()
  .min(1)
  .max(64)
  .default(1)
  .describe(
    'Operations that each client sends before it waits for an answer; each is a transaction of its own.',
  );

interface Written extends Pick<LoadSpec, 'isolation' | 'synchronousCommit' | 'routes'> {
  readonly savepoints?: boolean;
  readonly think?: unknown;
  readonly retry?: unknown;
}

/** What several operations on one connection at a time make no sense with. */
export function refusePipeline(
  {
    isolation,
    synchronousCommit,
    savepoints,
    think,
    retry,
    routes = [],
  }: { [Key in keyof Written]: Written[Key] | undefined },
  complain: (path: readonly string[], message: string) => void,
): void {
  const refuse = (because: string) => complain(['pipeline'], `cannot be combined with ${because}`);
  const answered = 'whose statements wait for answers in between';
  if (isolation !== undefined) refuse(`isolation, ${answered}`);
  if (synchronousCommit !== undefined) refuse(`synchronousCommit, ${answered}`);
  if (savepoints === true) refuse(`savepoints, ${answered}`);
  if (think !== undefined)
    refuse('think: a client that pauses after each answer sends one at a time');
  if (retry !== undefined)
    refuse('retry: an operation that is sent again comes before the next one');
  for (const { name, pooling, pool } of routes) {
    if (pooling === 'transaction')
      refuse(
        `route ${name}: its pooler of transactions has a transaction's statements wait for answers`,
      );
    if (pool.on25006 === 'retry')
      refuse(`route ${name}: on25006: retry sends a write again before the next one`);
  }
}
