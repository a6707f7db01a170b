import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journalPath } from '../../../src/evidence/journal/journal.ts';
import type { Result } from '../../../src/contracts/result.ts';
import { judge } from '../../../src/judge/judge.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { storeSeededRun } from '../../helpers/seeded-run.ts';

const golden = (name: string) => `../../golden/${name}.json`;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-seeded-'));
  await storeSeededRun(directory, 42);
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What only the journals and the readings say. */
const sections = [
  ...['writes', 'records', 'lossPercent', 'lossSummary', 'lossPattern', 'anomalies', 'replicas'],
  ...['outage', 'rto', 'rpo', 'forks', 'stages', 'partitions', 'throughput', 'timeline', 'errors'],
  ...['byServerId', 'journal', 'problems', 'status'],
];

async function judged(): Promise<string> {
  const { result, lostRanges } = await judge(directory, await loadRegistry());
  expect(result.lostRanges).toEqual(lostRanges.first(1_000));
  const shown = Object.fromEntries(sections.map((name) => [name, result[name as keyof Result]]));
  return `${JSON.stringify({ ...shown, lostRanges: [...lostRanges] }, withListsInLines, 1)}\n`;
}

/** An object of a list a line, and a list of numbers in one: a change of one is one line of a diff. */
function withListsInLines(_key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const isOfObjects = value.some((each) => typeof each === 'object');
  return isOfObjects ? value.map((each) => JSON.stringify(each)) : JSON.stringify(value);
}

test('a run with every outcome, batches, losses and a fork is judged to the stored result', async () => {
  await expect(await judged()).toMatchFileSnapshot(golden('judged-seeded-run'));
}, 60_000);

test('the same with a journal that is cut is judged to its stored result', async () => {
  const file = journalPath(directory, 1);
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(0, Math.floor(bytes.length * 0.7)));
  await expect(await judged()).toMatchFileSnapshot(golden('judged-seeded-run-cut'));
}, 60_000);
