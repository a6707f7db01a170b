import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readArchive } from '../../../../src/evidence/store/read-archive.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-archive-'));
});
afterEach(() => rm(directory, { recursive: true }));

const reading = {
  ...{ node: 'restored', status: 'read', role: 'replica', rows: 2, ms: 1 },
  writers: [{ writer: 0, present: [[1, 2]], versions: [], corrupted: [], duplicated: [] }],
  ...{ foreign: [], partitions: [], structure: [] },
};
const at = { timeline: 1, lsn: '0/2000028' };
const found = {
  ...{ segmentBytes: 2 ** 24, from: at, end: at, ancestors: [], pushes: [] },
  files: [{ name: '000000010000000000000002', bytes: 2 ** 24, sha256: 'x', holds: null }],
  restores: [{ to: 'end', reached: at, reading }],
};

function read(evidence: unknown): ReturnType<typeof readArchive> {
  const file = path.join(directory, 'archive.json');
  return writeFile(file, JSON.stringify(evidence)).then(() => readArchive(directory, 'r1'));
}

test('what was found of an archive is read as it was written', async () => {
  const evidence = { schemaVersion: 1, runId: 'r1', found };
  expect(await read(evidence)).toEqual(evidence);
  const none = { schemaVersion: 1, runId: 'r1', reason: 'no node is primary now' };
  expect(await read(none)).toEqual(none);
});

test('a run without an archive has none', async () => {
  expect(await readArchive(directory, 'r1')).toBeUndefined();
});

test.each([
  ['of another run', { schemaVersion: 1, runId: 'r2', found }, /it is of run r2/],
  [
    'of a later version',
    { schemaVersion: 2, runId: 'r1' },
    /schema version 2; this Forkpoint reads version 1/,
  ],
  [
    'with a position that is none',
    { schemaVersion: 1, runId: 'r1', found: { ...found, end: { timeline: 1, lsn: 'there' } } },
    /found\.end\.lsn: not a WAL position/,
  ],
  [
    'with rows that do not add up',
    {
      ...{ schemaVersion: 1, runId: 'r1' },
      found: { ...found, restores: [{ to: 'end', reached: at, reading: { ...reading, rows: 3 } }] },
    },
    /found\.restores\.0\.reading: rows: 3, but the listed rows add up to 2/,
  ],
])('a file %s is refused', async (_what, evidence, said) => {
  await expect(read(evidence)).rejects.toThrow(said);
});
