import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KIND } from '../../../../src/evidence/journal/format.ts';
import { JournalWriter, readJournal } from '../../../../src/evidence/journal/journal.ts';
import { readSegments } from '../../../../src/evidence/journal/reader.ts';
import type { JournalVisitor } from '../../../../src/evidence/journal/visitor.ts';
import {
  SegmentIndex,
  type JournalSegments,
  type Segment,
} from '../../../../src/evidence/journal/segments.ts';
import { operation } from '../../../histories/in-memory.ts';

const rows = 20_000;
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-segments-'));
const file = path.join(folder, '0.bin');
let journal: JournalSegments;

beforeAll(async () => {
  const writer = JournalWriter.open(file, {
    schemaVersion: 1,
    runId: 'run',
    worker: 0,
    firstWriter: 0,
    writers: 1,
    nodes: ['pg1', 'pg2'],
    originNs: '0',
  });
  for (let seq = 0; seq < rows; seq++) {
    const node = seq < rows / 2 ? 0 : 1;
    writer.append(operation({ seq, node, timeline: 1 + node, lsn: BigInt(1000 + seq) }));
    if (seq % 10 === 0) writer.append(operation({ kind: 'update', seq, version: 1, lsn: 9n }));
    if (seq % 1000 === 0) await writer.flush();
  }
  await writer.close();
  const index = new SegmentIndex();
  readJournal(file, {}, index);
  journal = index.journals[0]!;
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The inserts that are shown when these segments are needed. */
function seqsIn(isNeeded: (segment: Segment) => boolean): number[] {
  const seqs: number[] = [];
  const visitor: JournalVisitor = {
    record: ({ kind, seq }) => {
      if (kind === KIND.insert) seqs.push(seq);
    },
  };
  readSegments(journal, isNeeded, visitor);
  return seqs;
}

test('segments know the seqs and the highest positions of their inserts', () => {
  const found: Segment[] = [];
  expect(seqsIn((segment) => found.push(segment) < 0)).toEqual([]);
  expect(found.length).toBeGreaterThan(4);
  expect(found[0]).toMatchObject({ changes: [0, expect.any(Number)] });
  expect(found[0]!.servers).toEqual([{ node: 0, timeline: 1, lsn: 1000 + found[0]!.inserts[1] }]);
  found.forEach(({ inserts }, at) => {
    expect(inserts[0]).toBe(at === 0 ? 0 : found[at - 1]!.inserts[1] + 1);
  });
  expect(found.at(-1)?.inserts[1]).toBe(rows - 1);
  const both = found.filter(({ servers }) => servers.length === 2);
  expect(both.map(({ servers }) => servers[0]?.lsn)).toEqual([999 + rows / 2]);
});

test('all that is needed is shown again, and nothing else', () => {
  expect(seqsIn(() => true)).toEqual(Array.from({ length: rows }, (_, seq) => seq));
  const wanted = [0, 7000, 7001, 19_999];
  const seqs = seqsIn(({ inserts: [least, most] }) =>
    wanted.some((seq) => least <= seq && seq <= most),
  );
  expect(seqs).toEqual(expect.arrayContaining(wanted));
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(seqs.length).toBeLessThan(rows * 0.6);
});

test('a journal that is shorter than it was is not taken for one without losses', () => {
  truncateSync(file, 500_000);
  expect(() => seqsIn(({ inserts }) => inserts[1] > 19_000)).toThrow(
    /0\.bin: changed while it was judged: at byte \d+: /,
  );
});
