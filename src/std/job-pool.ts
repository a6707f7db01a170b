import { availableParallelism } from 'node:os';
import { allDone } from './wait.ts';

export interface PoolOptions<T> {
  /** Places: how many ordinary tasks run at once. */
  readonly jobs: number;
  /** How many places a task takes, at most all of them; one unless said. */
  readonly placesOf?: (task: T) => number;
  /** Once aborted nothing more begins; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` for every task, several at once, beginning them in the given order: none overtakes one that waits for
 * places. Returns what each gave, in that order; undefined for those that never began.
 * Errors: whatever `work` throws, when all that had begun have ended; nothing begins after it. So work that may fail
 * without ending the others returns its failure.
 */
export async function runPool<T, R>(
  tasks: readonly T[],
  work: (task: T, index: number) => Promise<R>,
  { jobs, placesOf = () => 1, signal }: PoolOptions<T>,
): Promise<readonly (R | undefined)[]> {
  const results = tasks.map((): R | undefined => undefined);
  const begun: Promise<void>[] = [];
  const running = new Set<Promise<unknown>>();
  const pool = { free: jobs, hasFailed: false };
  for (const [index, task] of tasks.entries()) {
    const places = Math.min(jobs, placesOf(task));
    while (pool.free < places && !pool.hasFailed) await Promise.race(running);
    if (pool.hasFailed || signal?.aborted === true) break;
    pool.free -= places;
    const job = work(task, index).then((result) => void (results[index] = result));
    begun.push(job);
    const ended = job
      .catch(() => (pool.hasFailed = true))
      .finally(() => {
        pool.free += places;
        running.delete(ended);
      });
    running.add(ended);
  }
  await allDone(begun);
  return results;
}

const jobsAtMost = 8;

/**
 * One run more than there are cores, since a run mostly waits: for a lock to expire, for the end of its load. Measured
 * with three on two cores that others kept busy (load average 29): no fault was injected later than 8 ms, and every
 * verdict was as ever. At most 8, for each lab has its own memory.
 */
export function defaultJobs(): number {
  return Math.min(jobsAtMost, availableParallelism() + 1);
}
