import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOk } from '../../../../src/std/exec.ts';

const stored = path.resolve('test/fixtures/stored-runs/async-tail-loss');
const blockBytes = 2 ** 20;
/** Of each of three logs. */
const logBytes = 32 * blockBytes;
/** Of one of them, and of what the program itself takes. */
const heapMegabytes = 48;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-large-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything of a report that reads logs, in a process of its own. Prints the most memory that it had, and how many lines it kept. */
const script = `
const [url, directory] = process.argv.slice(1);
const of = (name) => import(new URL(name, url));
const { runLog } = await of('evidence/store/run-log.ts');
const { readRejoins } = await of('judge/availability/rejoins.ts');
const { logMoments } = await of('judge/availability/log-moments.ts');
const { readFileSync } = await import('node:fs');
const result = JSON.parse(readFileSync(directory + '/result.json', 'utf8'));
const { startedAt } = result;
const log = runLog(directory, result);
readRejoins(directory, startedAt, []);
logMoments(directory, { startedAt, originMs: 0, events: [] });
console.log(JSON.stringify({ bytes: process.resourceUsage().maxRSS * 1024, lines: log.lines.length, leftOut: log.leftOut }));
`;

interface Measured {
  readonly bytes: number;
  readonly lines: number;
  readonly leftOut: number;
}

async function measure(directory: string): Promise<Measured> {
  const url = pathToFileURL(`${path.resolve('src')}/`).href;
  const limits = [`--max-old-space-size=${heapMegabytes}`, '--max-semi-space-size=2'];
  const argv = [process.execPath, ...limits, '--input-type=module', '-e', script, url, directory];
  const said = await runOk(argv, (message) => new Error(message));
  return JSON.parse(said) as Measured;
}

function copyOf(name: string): string {
  const directory = path.join(folder, name);
  cpSync(stored, directory, { recursive: true });
  mkdirSync(path.join(directory, 'logs/pg1'), { recursive: true });
  return directory;
}

test('a log takes no more memory the larger it is, nor a program that ends no line', async () => {
  const small = await measure(copyOf('small'));
  const directory = copyOf('large');
  const { startedAt } = JSON.parse(readFileSync(path.join(stored, 'result.json'), 'utf8')) as {
    readonly startedAt: string;
  };
  const line = (program: string) =>
    `${startedAt.replace('T', ' ').replace('Z', program)}${'x'.repeat(400)}\n`;
  const write = (name: string, text: string) => {
    const block = text.repeat(Math.ceil(blockBytes / text.length));
    for (let written = 0; written < logBytes; written += block.length) {
      appendFileSync(path.join(directory, 'logs/pg1', name), block);
    }
  };
  write('postgres.log', line(' UTC [119] LOG:  '));
  write('patroni.log', line(' INFO: ').replace(/[.](\d{3}) INFO/, ',$1 INFO'));
  write('etcd.log', 'x');
  const large = await measure(directory);
  expect(large.leftOut).toBeGreaterThan(100_000);
  expect(large.bytes - small.bytes).toBeLessThan(logBytes);
});
