import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JournalHeader, OperationRecord } from '../../../../src/contracts/evidence.ts';
import { HarnessBug, ScenarioError } from '../../../../src/std/errors.ts';
import {
  journalRecords,
  JournalWriter,
  readJournal,
} from '../../../../src/evidence/journal/journal.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'journal-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const newPath = () => path.join(directory, `${files++}.bin`);

const header: JournalHeader = {
  schemaVersion: 1,
  runId: 'run-1',
  worker: 0,
  firstWriter: 2,
  writers: 2,
  nodes: ['pg1', 'pg2'],
  originNs: '123456789012345',
};

const insert: OperationRecord = {
  kind: 'insert',
  outcome: 'acknowledged',
  writer: 3,
  seq: 0,
  count: 10,
  version: 0,
  node: 1,
  timeline: 2,
  lsn: 0x12_8765_4321n,
  sentUs: 2 ** 33 + 5,
  latencyUs: 1234,
  waitedUs: 7,
  sqlState: '',
};

const records: readonly OperationRecord[] = [
  insert,
  { ...insert, seq: 10, outcome: 'localOnly', count: 1 },
  { ...insert, seq: 11, outcome: 'failed', lsn: 0n, timeline: 0, sqlState: '40P01' },
  {
    ...insert,
    writer: 2,
    outcome: 'indeterminate',
    node: undefined,
    lsn: 0n,
    timeline: 0,
    sqlState: '',
  },
  { ...insert, kind: 'update', seq: 4, count: 1, version: 1 },
  { ...insert, kind: 'delete', seq: 5, count: 2 },
];

async function write(file: string, of: readonly OperationRecord[], over = header) {
  const writer = JournalWriter.open(file, over);
  for (const record of of) writer.append(record);
  await writer.close();
}

describe('a journal', () => {
  it('gives back every field of every operation', async () => {
    const file = newPath();
    await write(file, records);
    expect([...journalRecords(file)]).toEqual(records);
  });

  it('keeps server-generated ids separate from operations', async () => {
    const file = newPath();
    const writer = JournalWriter.open(file, header);
    writer.appendId(3, 0, 2n ** 40n, 10);
    writer.append(insert);
    await writer.close();
    const ids: unknown[] = [];
    const reading = readJournal(
      file,
      {},
      {
        id: ({ writer, seq, count, id }) => ids.push({ writer, seq, count, id }),
      },
    );
    expect(ids).toEqual([{ writer: 3, seq: 0, count: 10, id: 2 ** 40 }]);
    expect(reading).toEqual({
      path: file,
      header,
      operations: 1,
      goodBytes: readFileSync(file).length,
      isFinished: true,
      cut: undefined,
    });
  });

  it('has its records on disk 100 ms after they were appended', async () => {
    const file = newPath();
    const writer = JournalWriter.open(file, header);
    writer.append(insert);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([...journalRecords(file)]).toEqual([insert]);
    await writer.close();
  });

  it('without an end record is unfinished, not cut', async () => {
    const file = newPath();
    const writer = JournalWriter.open(file, header);
    writer.append(insert);
    await writer.flush();
    const { isFinished, cut, operations } = readJournal(file, { runId: 'run-1' });
    expect({ isFinished, cut, operations }).toEqual({
      isFinished: false,
      cut: undefined,
      operations: 1,
    });
    await writer.close();
  });

  it('of another run is refused with its file name', async () => {
    const file = newPath();
    await write(file, records);
    expect(() => readJournal(file, { runId: 'run-2' })).toThrow(
      new ScenarioError(`${file}: journal of run run-1, not of run run-2`),
    );
  });

  it('of a later schema version is refused', async () => {
    const file = newPath();
    await write(file, [], { ...header, schemaVersion: 3 as 1 });
    expect(() => readJournal(file, {})).toThrow(
      /schema version 3, this Forkpoint reads versions 1 and 2/,
    );
  });

  it('that is missing or a directory is refused with its path', () => {
    expect(() => readJournal(newPath(), {})).toThrow(ScenarioError);
    expect(() => readJournal(directory, {})).toThrow(ScenarioError);
  });

  it('of zero bytes, of another format or with more after its end is reported as cut', async () => {
    const file = newPath();
    const cutOf = (bytes: Buffer) => {
      writeFileSync(file, bytes);
      return readJournal(file, {}).cut;
    };
    await write(file, records);
    const good = readFileSync(file);
    expect(cutOf(Buffer.alloc(0))).toEqual({ atByte: 0, reason: 'the file is empty' });
    expect(cutOf(Buffer.alloc(100))).toEqual({
      atByte: 0,
      reason: 'a frame cannot be 0 bytes long',
    });
    expect(cutOf(Buffer.concat([good, Buffer.from('x')]))).toEqual({
      atByte: good.length,
      reason: '1 bytes are too few for a frame',
    });
  });
});

describe('the journal writer', () => {
  const refused: readonly [string, Partial<OperationRecord>][] = [
    ['a writer of another worker', { writer: 4 }],
    ['no rows', { count: 0 }],
    ['65,536 rows', { count: 65_536 }],
    ['a seq above 32 bits', { seq: 2 ** 32 }],
    ['rows that end above 32 bits', { seq: 2 ** 32 - 1, count: 2 }],
    ['half a seq', { seq: 0.5 }],
    ['an update to version 0', { kind: 'update' }],
    ['a negative latency', { latencyUs: -1 }],
    ['a time that is no number', { sentUs: NaN }],
    ['an error code that is no SQLSTATE', { outcome: 'failed', sqlState: 'ECONNRESET' }],
    ['an LSN below zero', { lsn: -1n }],
  ];
  it.each(refused)('refuses %s', async (_, over) => {
    const writer = JournalWriter.open(newPath(), header);
    expect(() => writer.append({ ...insert, ...over })).toThrow(HarnessBug);
    await writer.close();
  });

  it('refuses an insert that leaves a gap or repeats a seq', async () => {
    const writer = JournalWriter.open(newPath(), header);
    writer.append(insert);
    expect(() => writer.append({ ...insert, seq: 11 })).toThrow(/inserts seq 11 where 10 is next/);
    expect(() => writer.append(insert)).toThrow(/inserts seq 0 where 10 is next/);
    await writer.close();
  });

  it('never overwrites a journal', async () => {
    const file = newPath();
    await write(file, records);
    expect(() => JournalWriter.open(file, header)).toThrow(/cannot create journal/);
    expect([...journalRecords(file)]).toEqual(records);
  });

  it('keeps thousands of records in order over many frames', async () => {
    const file = newPath();
    const many = Array.from({ length: 10_000 }, (_, seq) => ({ ...insert, seq, count: 1 }));
    await write(file, many);
    expect([...journalRecords(file)]).toEqual(many);
  });
});
