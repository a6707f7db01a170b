import { expect, test } from 'vitest';
import { EnvironmentError } from '../../../src/std/errors.ts';
import { runOk } from '../../../src/std/exec.ts';

const file = new URL('../../../src/std/priority.ts', import.meta.url).href;
const script = `
  const { raiseOwnPriority } = await import(${JSON.stringify(file)});
  raiseOwnPriority();
  console.log((await import('node:os')).getPriority());`;

/** In a session of its own: the one of the tests stays as it is. */
const nicenessOf = (...prefix: string[]) =>
  runOk(
    ['setsid', '--wait', ...prefix, process.execPath, '--input-type=module', '-e', script],
    (message) => new EnvironmentError(message),
  ).then(Number);

test.runIf(process.getuid?.() === 0)('root raises the priority of its process', async () => {
  expect(await nicenessOf()).toBe(-10);
});

test('who may not raise it keeps the usual priority, and no error', async () => {
  const prefix =
    process.getuid?.() === 0
      ? ['setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all']
      : [];
  expect(await nicenessOf(...prefix)).toBe(0);
});
