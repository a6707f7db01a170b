import { expect, test } from 'vitest';
import { runPool } from '../../../src/std/job-pool.ts';

/** Tasks that the test ends, and a list of what began and ended. */
function rig() {
  const seen: string[] = [];
  const ends = new Map<string, () => void>();
  const work = async (task: string): Promise<string> => {
    seen.push(`begin ${task}`);
    await new Promise<void>((resolve) => ends.set(task, resolve));
    seen.push(`end ${task}`);
    if (task.startsWith('bad')) throw new Error(`${task} broke`);
    return task.toUpperCase();
  };
  const end = async (task: string): Promise<void> => {
    ends.get(task)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { seen, work, end };
}

test('as many tasks run at once as there are places, and results keep the order of the tasks', async () => {
  const { seen, work, end } = rig();
  const done = runPool(['a', 'b', 'c'], work, { jobs: 2 });
  await end('b');
  await end('c');
  await end('a');
  expect(seen).toEqual(['begin a', 'begin b', 'end b', 'begin c', 'end c', 'end a']);
  expect(await done).toEqual(['A', 'B', 'C']);
});

test('a task that takes all places runs alone, and nothing overtakes it', async () => {
  const { seen, work, end } = rig();
  const placesOf = (task: string) => (task === 'alone' ? Infinity : 1);
  const done = runPool(['a', 'alone', 'b'], work, { jobs: 2, placesOf });
  await end('a');
  await end('alone');
  await end('b');
  expect(seen).toEqual(['begin a', 'end a', 'begin alone', 'end alone', 'begin b', 'end b']);
  expect(await done).toEqual(['A', 'ALONE', 'B']);
});

test('once aborted no further task begins, and running tasks are awaited', async () => {
  const { work, end } = rig();
  const interruption = new AbortController();
  const done = runPool(['a', 'b'], work, { jobs: 1, signal: interruption.signal });
  interruption.abort();
  await end('a');
  expect(await done).toEqual(['A', undefined]);
});

test('the error of a task is thrown when the others have ended, and no task begins after it', async () => {
  const { seen, work, end } = rig();
  const done = runPool(['bad', 'b', 'c'], work, { jobs: 2 });
  const settled = done.catch((error: unknown) => error);
  await end('bad');
  await end('b');
  expect(await settled).toEqual(new Error('bad broke'));
  expect(seen).toEqual(['begin bad', 'begin b', 'end bad', 'end b']);
});
