import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

const module = path.resolve(import.meta.dirname, '../../../src/std/standstill.ts');
const script = `
  import { afterRunning, watchStandstills } from ${JSON.stringify(module)};
  const startedMs = performance.now();
  const watch = watchStandstills((lastedMs) => console.log('stood', Math.round(lastedMs)));
  afterRunning(3_000, () => {
    console.log('ran', Math.round(performance.now() - startedMs));
    watch[Symbol.dispose]();
  });
  console.log('started');
`;

it('a process that was stopped knows for how long, and none of that counts as time that it ran', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Map<string, number>();
  for await (const line of createInterface(child.stdout)) {
    const [word = '', ms] = line.split(' ');
    said.set(word, Number(ms));
    if (word !== 'started') continue;
    child.kill('SIGSTOP');
    await sleep(7_000);
    child.kill('SIGCONT');
  }
  expect(said.get('stood')).toBeGreaterThan(6_500);
  expect(said.get('ran')).toBeGreaterThan(8_500);
}, 60_000);
