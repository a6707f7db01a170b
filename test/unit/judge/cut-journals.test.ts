import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import { journalRecords, readJournal } from '../../../src/evidence/journal/journal.ts';
import { recordOf } from '../../../src/history/run-record.ts';
import { judgeRun } from '../../../src/judge/judge.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { rawJournal } from '../../helpers/raw-journal.ts';
import { storeRun } from '../../helpers/stored-run.ts';

let folder: string;
let whole: string;
/** Where each frame of the journal ends: its header, four of ten operations, its end. */
const frameEnds: number[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-cut-'));
  whole = path.join(folder, 'whole');
  await storeRun(whole);
  // A load writes a frame every 50 ms; the stored run has all operations in one.
  const file = path.join(whole, 'journal/0.bin');
  const records = [...journalRecords(file)];
  const { header } = readJournal(file, {}, { record: () => undefined });
  const frames = [0, 10, 20, 30].map((from) => records.slice(from, from + 10));
  const bytes = rawJournal(header!, frames);
  await writeFile(file, bytes);
  for (let at = 0; at < bytes.length;) frameEnds.push((at += 8 + bytes.readUInt32LE(at)));
});
afterAll(() => rm(folder, { recursive: true }));

/** The stored run of 40 acknowledged rows, five of them lost, with some bytes of its journal left out. */
async function without(from: number, to: number): Promise<Result> {
  const run = await mkdtemp(path.join(folder, 'run-'));
  await cp(whole, run, { recursive: true });
  const file = path.join(run, 'journal/0.bin');
  const bytes = await readFile(file);
  await writeFile(file, Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
  return judgeRun(run, await loadRegistry());
}

const inTheMiddle = () => without(frameEnds[2]! + 100, frameEnds[2]! + 140);
const atAFrame = () => without(frameEnds[2]!, Infinity);

describe.each([
  ['with bytes missing in the middle of a journal', inTheMiddle],
  ['with a journal that ends with a frame, before its end', atAFrame],
])('%s', (_title, judged) => {
  it('counts are minimums, and percentages, outages and checks are unknown', async () => {
    const result = await judged();
    expect(result).toMatchObject({
      status: 'unknown',
      writes: { acknowledged: 20, lost: 0 },
      lossPercent: null,
      outage: { longestMs: null },
      rto: { ms: null },
      byServerId: null,
      journal: { operations: 20, missingWriters: 0, partialWriters: 2 },
    });
    expect(result.checks.map(({ summary }) => summary.replace(/^\w+: /, ''))).toEqual(
      result.checks.map(() => 'unknown, for the journals are not whole'),
    );
  });

  it('no report prints a count without `at least`, or any percentage', async () => {
    const { reporters } = await loadRegistry();
    const result = await judged();
    const reportOf = (file: string) =>
      [...reporters.values()].find(({ fileName }) => fileName === file)?.render(result) ?? '';
    const summary = reportOf('summary.txt');
    expect(summary).toContain(
      'All 20 acknowledged writes that the journals hold are on the final primary',
    );
    expect(summary).toContain('Total Records Inserted: at least 20');
    expect(summary).toContain('Records Lost: at least 0');
    expect(summary).toContain('Data Loss Percentage: unknown');
    expect(summary).toContain('acknowledged at least 20');
    expect(reportOf('report.md')).toMatch(/\| at least 20 \| at least 0 \|/);
    expect(reportOf('report.md')).toMatch(/\| 1 → 2 \| .* \| at least \d/);
    const page = reportOf('report.html');
    expect(page).toContain('<dd>at least 20</dd>');
    expect(page).toMatch(/<td>insert<\/td>\s*<td>at least 20<\/td>/);
    expect(page).not.toContain('<td>the end</td>');
  });

  it('history.jsonl keeps no count of it, since later runs would be compared with it', async () => {
    const context = { suite: null, commit: null, directory: null, thresholds: null };
    const record = recordOf(await judged(), { ...context, recordedAt: new Date(0) });
    expect(record).toMatchObject({ acknowledged: null, lost: null, ackedPerSecond: null });
  });
});

it('a complete journal in several frames is judged as before', async () => {
  const result = await without(0, 0);
  expect(result).toMatchObject({
    writes: { acknowledged: 40, lost: 5 },
    lossPercent: 12.5,
    journal: { missingWriters: 0, partialWriters: 0 },
  });
});
