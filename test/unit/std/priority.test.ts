import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
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

/** CAP_SYS_NICE, which root lacks in some containers. */
const [, effective = '0'] =
  /^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const mayRaise = ((BigInt(`0x${effective}`) >> 23n) & 1n) === 1n;

test.runIf(mayRaise)('who may raises the priority of its process', async () => {
  expect(await nicenessOf()).toBe(-20);
});

test('who may not raise it keeps the priority that it has, and no error', async () => {
  const prefix =
    process.getuid?.() === 0
      ? ['setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all']
      : [];
  expect(await nicenessOf(...prefix)).toBe(getPriority());
});
