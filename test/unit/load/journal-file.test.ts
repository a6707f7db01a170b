import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileSink, type JournalSink } from '../../../src/evidence/journal/sink.ts';
import { JournalFile } from '../../../src/load/journal-file.ts';

const neverFails = (error: unknown) => expect.unreachable(String(error));
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-journal-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the bytes of a worker are in the file, in order, once it is closed', async () => {
  const file = path.join(folder, 'whole.bin');
  const journal = new JournalFile(fileSink(file), neverFails);
  for (const piece of ['one', 'two', 'three']) journal.append(Buffer.from(piece));
  await journal.close();
  expect(readFileSync(file, 'utf8')).toBe('onetwothree');
});

test('a journal that exists is never overwritten', async () => {
  const file = path.join(folder, 'there.bin');
  await new JournalFile(fileSink(file), neverFails).close();
  expect(() => fileSink(file)).toThrow(/^cannot create journal /);
});

test('a failed write is reported once, and nothing is written after the gap', async () => {
  const [failures, written]: [string[], string[]] = [[], []];
  const full: JournalSink = {
    name: 'full',
    write: (bytes) => {
      written.push(bytes.toString());
      return written.length === 2 ? Promise.reject(new Error('no space left')) : Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const journal = new JournalFile(full, (error) => failures.push(String(error)));
  for (const piece of ['one', 'two', 'three', 'four']) journal.append(Buffer.from(piece));
  await journal.close();
  expect({ failures, written }).toEqual({
    failures: ['Error: no space left'],
    written: ['one', 'two'],
  });
});
