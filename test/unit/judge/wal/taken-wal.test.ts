import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SkippedEvidence, TakenEvidence } from '../../../../src/contracts/evidence.ts';
import { listRunWal } from '../../../../src/commands/support/wal-listing.ts';
import { evidenceFile } from '../../../../src/evidence/forensics/read-evidence.ts';
import { readTakenWal } from '../../../../src/judge/wal/taken-wal.ts';

const segment = '000000010000000000000005';
const taken: TakenEvidence = {
  node: 'pg1',
  folder: 'evidence/pg1-1',
  takenAtMs: 12_400,
  durationMs: 310,
  timeline: 1,
  forkLsn: '0/54686E8',
  segments: [segment],
  copyBytes: null,
  skipped: [{ what: 'copy of the data directory', why: '900 MiB; the limit is 512 MiB' }],
};
const leftOut =
  'it was taken, and is not in evidence/pg1-1/pg_wal of this copy of the run: a bundle leaves WAL out, for it holds rows';

let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-taken-'));
  await mkdir(path.dirname(evidenceFile(directory)));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function problemOf(found: TakenEvidence): Promise<string | undefined> {
  writeFileSync(evidenceFile(directory), JSON.stringify([found]));
  const [first] = await readTakenWal(directory, undefined);
  return first?.problem;
}

function without(skipped: readonly SkippedEvidence[]): TakenEvidence {
  return { ...taken, segments: [], skipped };
}

const walFolder = () => path.join(directory, taken.folder, 'pg_wal');

test('WAL that a bundle left out is said to be left out, whether its folder is there or not', async () => {
  expect(await problemOf(taken)).toBe(leftOut);
  await mkdir(walFolder(), { recursive: true });
  expect(await problemOf(taken)).toBe(leftOut);
  await expect(listRunWal(directory)).rejects.toThrow(
    `no WAL of any node can be read: pg1: ${leftOut}.`,
  );
});

test('where no WAL was taken the reason is that of the WAL, not that of another part', async () => {
  const why = 'pg1: exit code 2: ls: cannot access /data/pg_wal: No such file or directory';
  const copy = { what: 'copy of the data directory', why: 'not done in 20 s' };
  expect(await problemOf(without([{ what: 'data directory', why }, copy]))).toBe(
    `none was taken: data directory: ${why}`,
  );
  expect(await problemOf(without([copy]))).toBe(
    'none was taken: no file of timeline 1 past the fork was found on the node',
  );
});

test('WAL that cannot be read is named from the folder of the run on', async () => {
  await mkdir(walFolder(), { recursive: true });
  await writeFile(path.join(walFolder(), segment), Buffer.alloc(64));
  expect(await problemOf(taken)).toBe(
    'no record of timeline 1 can be read in evidence/pg1-1/pg_wal',
  );
  const header = Buffer.alloc(64);
  header.writeUInt32LE(16 * 2 ** 20, 32);
  header.writeUInt32LE(16_384, 36);
  await writeFile(path.join(walFolder(), segment), header);
  expect(await problemOf(taken)).toMatch(
    /^evidence\/pg1-1\/pg_wal\/000000010000000000000005: its pages are of 16384 bytes/,
  );
});
