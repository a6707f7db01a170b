import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receive } from '../../../../src/run/evidence/receive.ts';
import { localShell } from '../../../../src/shells/local.ts';

let into: string;

beforeEach(async () => {
  into = await mkdtemp(path.join(tmpdir(), 'forkpoint-receive-'));
});
afterEach(async () => {
  await rm(into, { recursive: true });
});

const limits = () => ({ into, timeoutMs: 10_000, mostBytes: 2 ** 20 });
const pack = 'cd "$(mktemp -d)" && echo 1 > one && echo 2 > two';

test('archives that follow each other are unpacked into one folder', async () => {
  const script = `${pack} && tar -czf - one && tar -czf - two`;
  await receive(localShell, ['sh', '-c', script], limits());
  expect((await readdir(into)).sort()).toEqual(['one', 'two']);
});

test('more than the limit ends the command, and says so', async () => {
  const script = `${pack} && head -c 20000000 /dev/urandom > many && tar -czf - many; sleep 60`;
  await expect(receive(localShell, ['sh', '-c', script], limits())).rejects.toThrow(
    'more than the limit of 1048576 bytes',
  );
});

test('a command that fails is no evidence, whatever it wrote before', async () => {
  const script = `${pack} && tar -czf - one; echo gone >&2; exit 2`;
  await expect(receive(localShell, ['sh', '-c', script], limits())).rejects.toThrow(
    'exit code 2: gone',
  );
});

test('a command that does not end is ended in time', async () => {
  await expect(
    receive(localShell, ['sleep', '60'], { ...limits(), timeoutMs: 100 }),
  ).rejects.toThrow('not done in 0.1 s');
});
