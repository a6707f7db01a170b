import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch, Position } from '../../../src/downstream/change.ts';
import { FileSink } from '../../../src/downstream/file-sink.ts';
import { isDefinite } from '../../../src/downstream/retry.ts';
import { linesOfBatch, readSinkFile } from '../../../src/downstream/sink-file.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-file-sink-'));
  file = path.join(folder, 'events.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const at = (lsn: string): Position => ({ lsn, timeline: 1, inside: null });
const changesOf = (...seqs: readonly number[]) =>
  seqs.map((seq) => ({
    kind: 'insert' as const,
    relation: 'public.t',
    lsn: '0/1',
    row: { writer: 1, seq, payload: 'ä\n' },
  }));
const batch = (from: string, to: string, ...seqs: readonly number[]): Batch => {
  return { after: at(from), changes: changesOf(...seqs), to: at(to) };
};
const seqsIn = async () =>
  readSinkFile(await readFile(file)).batches.flatMap(({ changes }) =>
    changes.map(({ row }) => row.seq),
  );

async function written(): Promise<void> {
  const sink = new FileSink(file);
  expect(await sink.progress(at('0/10'))).toEqual({ batch: 0, position: at('0/10') });
  await sink.write(1, batch('0/10', '0/20', 1, 2));
  await sink.write(2, batch('0/20', '0/30', 3));
  await sink.close();
}

test('the next process goes on behind the last batch, and one that was written already is left as it is', async () => {
  await written();
  const sink = new FileSink(file);
  expect(await sink.progress(at('0/99'))).toEqual({ batch: 2, position: at('0/30') });
  await sink.write(2, batch('0/20', '0/30', 3));
  await sink.write(3, batch('0/30', '0/40', 4));
  expect(await sink.look()).toEqual({ batch: 3, position: at('0/40') });
  await sink.close();
  expect(await seqsIn()).toEqual([1, 2, 3, 4]);
});

test('wherever an append was cut off, its batch is not there, and the next process writes it once', async () => {
  await written();
  const whole = await readFile(file);
  const torn = Buffer.from(linesOfBatch({ number: 3, changes: changesOf(4, 5), to: at('0/40') }));
  for (let kept = 0; kept < torn.length; kept += 5) {
    await writeFile(file, Buffer.concat([whole, torn.subarray(0, kept)]));
    expect(await seqsIn()).toEqual([1, 2, 3]);
    const sink = new FileSink(file);
    expect(await sink.progress(at('0/99'))).toEqual({ batch: 2, position: at('0/30') });
    await sink.write(3, batch('0/30', '0/40', 4, 5));
    await sink.close();
    expect(await seqsIn()).toEqual([1, 2, 3, 4, 5]);
  }
});

test('a position whose changes are not on disk is no delivery', async () => {
  await written();
  const { length } = await readFile(file);
  const lines = linesOfBatch({ number: 3, changes: changesOf(4, 5), to: at('0/40') });
  await appendFile(file, lines.replace('"seq":4', '"seq":9'));
  expect(await seqsIn()).toEqual([1, 2, 3]);
  const sink = new FileSink(file);
  expect((await sink.progress(at('0/99'))).batch).toBe(2);
  await sink.close();
  expect((await readFile(file)).length).toBe(length);
});

test('damage before the last batch is no torn tail: it is an error with its line, and nothing is cut off', async () => {
  await written();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"seq":1', '"seq":7'));
  const sink = new FileSink(file);
  const opened = sink.progress(at('0/99'));
  await expect(opened).rejects.toThrow(
    /events\.jsonl: line 4: the changes before it are not those of batch 1$/,
  );
  expect(isDefinite(await opened.catch((error: unknown) => error))).toBe(true);
  expect((await readFile(file, 'utf8')).length).toBe(text.length);
});

test('a second process waits until the first has ended', async () => {
  const first = new FileSink(file);
  await first.progress(at('0/10'));
  const second = new FileSink(file);
  const refused = await second.progress(at('0/10')).catch((error: unknown) => error);
  expect(String(refused)).toMatch(/another process of this consumer has it$/);
  expect(isDefinite(refused)).toBe(false);
  await first.write(1, batch('0/10', '0/20', 1));
  await first.close();
  expect(await second.progress(at('0/10'))).toEqual({ batch: 1, position: at('0/20') });
  await second.close();
});

test('an empty file that a kill left behind begins anew', async () => {
  await writeFile(file, '');
  await written();
  expect(await seqsIn()).toEqual([1, 2, 3]);
});
