import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evidenceFile, readEvidence } from '../../../../src/evidence/forensics/read-evidence.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-evidence-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const taken = {
  node: 'pg1',
  folder: 'evidence/pg1-1',
  takenAtMs: 12_400,
  durationMs: 310,
  timeline: 1,
  forkLsn: '0/54686E8',
  segments: ['000000010000000000000005'],
  copyBytes: null,
  skipped: [{ what: 'copy of the data directory', why: '900 MiB; the limit is 512 MiB' }],
};

async function write(text: string): Promise<void> {
  await mkdir(path.dirname(evidenceFile(directory)), { recursive: true });
  await writeFile(evidenceFile(directory), text);
}

test('a run from which nothing was taken has no evidence', async () => {
  expect(await readEvidence(directory)).toEqual([]);
});

test('what was taken is read as it was written', async () => {
  await write(JSON.stringify([taken]));
  expect(await readEvidence(directory)).toEqual([taken]);
});

test('a folder outside of the run is refused', async () => {
  await write(JSON.stringify([{ ...taken, folder: 'evidence/../../elsewhere' }]));
  await expect(readEvidence(directory)).rejects.toThrow(/not a folder in evidence\//);
});

test('a file that was cut is said to be no JSON', async () => {
  await write('[{"node":');
  await expect(readEvidence(directory)).rejects.toThrow(/is not JSON/);
});
