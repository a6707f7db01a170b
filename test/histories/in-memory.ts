/** Operations and read-backs as literals, folded without a file. */
import type { NodeReading, OperationRecord, WriterReading } from '../../src/contracts/evidence.ts';
import { RecordBatch } from '../../src/evidence/journal/batch.ts';
import { encodeRecord, FRAME, RECORD_BYTES } from '../../src/evidence/journal/format.ts';
import { visitBatch } from '../../src/evidence/journal/reader.ts';
import type { JournalVisitor } from '../../src/evidence/journal/visitor.ts';
import { Ledger, type LedgerOptions } from '../../src/judge/ledger/ledger.ts';

export const NODES = ['pg1', 'pg2', 'pg3'];

/** An operation with defaults for what a test does not care about. */
export function operation(over: Partial<OperationRecord> = {}): OperationRecord {
  return {
    kind: 'insert',
    outcome: 'acknowledged',
    writer: 0,
    seq: 0,
    count: 1,
    version: 0,
    node: 0,
    timeline: 1,
    lsn: 0n,
    sentUs: 0,
    latencyUs: 0,
    waitedUs: 0,
    sqlState: '',
    ...over,
  };
}

export interface MemoryJournal {
  readonly firstWriter: number;
  readonly writers: number;
  readonly isFinished: boolean;
  readonly records: readonly OperationRecord[];
}

/** By default one finished journal with one writer. */
export function journal(
  records: readonly OperationRecord[],
  over: Partial<MemoryJournal> = {},
): MemoryJournal {
  return { firstWriter: 0, writers: 1, isFinished: true, records, ...over };
}

export function foldInMemory(
  journals: readonly MemoryJournal[],
  options: LedgerOptions = {},
  ...observers: readonly JournalVisitor[]
): Ledger {
  const ledger = new Ledger(options);
  journals.forEach(({ firstWriter, writers, isFinished, records }, worker) => {
    const path = `${worker}.bin`;
    const header = { schemaVersion: 1, runId: 'run', worker, originNs: '0', nodes: NODES } as const;
    const whole = { ...header, firstWriter, writers };
    for (const visitor of [ledger, ...observers]) {
      visitor.begin?.(whole, path);
      visit(records, visitor);
    }
    const operations = records.length;
    ledger.end({ path, header: whole, operations, goodBytes: 0, isFinished, cut: undefined });
  });
  return ledger;
}

export function visit(records: readonly OperationRecord[], visitor: JournalVisitor): void {
  const to = records.length * RECORD_BYTES;
  const view = new DataView(new ArrayBuffer(to));
  records.forEach((record, index) => encodeRecord(view, index * RECORD_BYTES, record));
  const batch = new RecordBatch();
  batch.decode(
    'memory',
    { number: 1, type: FRAME.data, view, from: 0, to, atByte: 0 },
    NODES.length,
  );
  visitBatch(batch, visitor);
  if (batch.objection) throw batch.objection;
}

export function reading(
  writers: readonly (Partial<WriterReading> & { writer: number })[],
  over: Partial<NodeReading> = {},
): NodeReading {
  return {
    node: 'pg1',
    status: 'read',
    role: 'primary',
    timeline: 1,
    rows: 0,
    ms: 0,
    writers: writers.map((writer) => ({
      present: [],
      versions: [],
      corrupted: [],
      duplicated: [],
      ...writer,
    })),
    foreign: [],
    partitions: [],
    structure: [],
    ...over,
  };
}
