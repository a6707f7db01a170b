import type { JournalHeader, OperationRecord } from '../../contracts/evidence.ts';
import { ScenarioError } from '../../std/errors.ts';
import { RecordBatch } from './batch.ts';
import { RecordCursor } from './cursor.ts';
import { FRAME, getNumber64, KIND, RECORD_BYTES } from './format.ts';
import { HEAD_BYTES, readFrames, type Frame, type JournalCut } from './frames.ts';
import { parseHeader } from './header.ts';
import type { JournalSegments, Segment } from './segments.ts';
import { ImpossibleRecord, objectionTo } from './impossible-record.ts';
import type { JournalVisitor } from './visitor.ts';

/** The state of a journal. */
export interface JournalReading {
  readonly path: string;
  /** Undefined when not even the header could be read: then its writers are unknown. */
  readonly header: JournalHeader | undefined;
  readonly operations: number;
  /** Bytes up to the end of the last good frame. */
  readonly goodBytes: number;
  /** The end frame is complete: no operation of these writers is missing. */
  readonly isFinished: boolean;
  /** Something is wrong with the file; reading stopped there. An unfinished journal may have no cut. */
  readonly cut: JournalCut | undefined;
}

export interface JournalExpectation {
  /** Another run's journal is refused. */
  readonly runId?: string;
}

/**
 * Streams one journal through visitors, up to its last good frame.
 * Errors: ScenarioError naming the file, when it cannot be read, is of a later schema or of another run, or holds a record
 * that cannot be (ImpossibleRecord).
 */
export function readJournal(
  path: string,
  expected: JournalExpectation,
  ...visitors: readonly JournalVisitor[]
): JournalReading {
  const batch = new RecordBatch();
  const frames = dataFrames(path, expected);
  let nodes = 0;
  for (;;) {
    const { value, done } = frames.next();
    if (done) return value;
    if ('header' in value) {
      nodes = value.header.nodes.length;
      for (const visitor of visitors) visitor.begin?.(value.header, path);
      continue;
    }
    batch.decode(path, value, nodes);
    for (const visitor of visitors) visitBatch(batch, visitor);
    if (batch.objection) throw batch.objection;
  }
}

/**
 * Shows the needed segments of a journal to a visitor, once more.
 * Errors: ScenarioError when they are no longer as they were when they were noted.
 */
export function readSegments(
  journal: JournalSegments,
  isNeeded: (segment: Segment) => boolean,
  visitor: JournalVisitor,
): void {
  const { path, header } = journal;
  const batch = new RecordBatch();
  visitor.begin?.(header, path);
  const frames = readFrames(path, journal.needed(isNeeded));
  for (;;) {
    const next = frames.next();
    if (next.done) {
      if (next.value) throw changed(path, next.value);
      return;
    }
    batch.decode(path, next.value, header.nodes.length);
    visitBatch(batch, visitor);
    if (batch.objection) throw batch.objection;
  }
}

function changed(path: string, { atByte, reason }: JournalCut): ScenarioError {
  return new ScenarioError(
    `${path}: changed while it was judged: at byte ${atByte}: ${reason}. Judge it again when nothing writes to it.`,
  );
}

/** Shows a batch to a visitor, in the way that it wants to see it. */
export function visitBatch(batch: RecordBatch, visitor: JournalVisitor): void {
  if (visitor.id && batch.hasIds) for (const cursor of batch.ids()) visitor.id(cursor);
  if (visitor.attempt && batch.hasAttempts) {
    for (const cursor of batch.attempts()) visitor.attempt(cursor);
  }
  visitor.records?.(batch);
  if (!visitor.record) return;
  for (let index = 0; index < batch.length; index++) visitor.record(batch.cursorAt(index));
}

/** The operations of one journal as objects, one at a time: for exports and tests, not for millions. */
export function* journalRecords(
  path: string,
  expected: JournalExpectation = {},
): Generator<OperationRecord, JournalReading> {
  const cursor = new RecordCursor();
  const frames = dataFrames(path, expected);
  let nodes = 0;
  for (;;) {
    const { value, done } = frames.next();
    if (done) return value;
    if ('header' in value) {
      nodes = value.header.nodes.length;
      continue;
    }
    aim(cursor, path, value);
    for (let at = value.from; at < value.to; at += RECORD_BYTES) {
      cursor.at = at;
      refuseImpossible(cursor, nodes);
      if (cursor.kind <= KIND.delete) yield cursor.toRecord();
    }
  }
}

/** One sentence about the journal's problem; undefined without one. */
export function problemOf(reading: JournalReading): string | undefined {
  const { path, cut, isFinished } = reading;
  if (cut) return `${path}: cut at byte ${cut.atByte}: ${cut.reason}`;
  if (isFinished) return undefined;
  return `${path}: unfinished: its worker did not live to end it; what it did last is indeterminate`;
}

/** Yields the header, then data frames, and holds the rest to what the format promises. */
function* dataFrames(
  path: string,
  expected: JournalExpectation,
): Generator<Frame | { header: JournalHeader }, JournalReading> {
  const frames = readFrames(path);
  let header: JournalHeader | undefined;
  let operations = 0;
  let goodBytes = 0;
  let isFinished = false;
  const reading = (cut: JournalCut | undefined): JournalReading => {
    return { path, header, operations, goodBytes, isFinished, cut };
  };
  try {
    for (;;) {
      const { value, done } = frames.next();
      if (done) return reading(value);
      const cut = (reason: string) => reading({ atByte: value.atByte, reason });
      if (isFinished) return cut('bytes follow the end of the journal');
      if (!header) {
        const { view, from, to } = value;
        const body = Buffer.from(view.buffer, view.byteOffset + from, to - from);
        if (value.type === FRAME.header) header = parseHeader(path, body, expected.runId);
        if (!header) return cut('it does not begin as a journal does');
        yield { header };
      } else if (value.type === FRAME.data && (value.to - value.from) % RECORD_BYTES === 0) {
        operations += countOperations(value);
        yield value;
      } else if (value.type === FRAME.end) {
        const written = getNumber64(value.view, value.from);
        if (written !== operations) {
          return cut(`${written} operations were written, ${operations} are there`);
        }
        isFinished = true;
      } else {
        return cut(`a frame of unknown type ${value.type}`);
      }
      goodBytes = value.atByte + HEAD_BYTES + value.to - value.from;
    }
  } finally {
    frames.return(undefined);
  }
}

function countOperations({ view, from, to }: Frame): number {
  let operations = 0;
  for (let at = from; at < to; at += RECORD_BYTES) {
    if ((view.getUint8(at) & 15) <= KIND.delete) operations++;
  }
  return operations;
}

function aim(cursor: RecordCursor, path: string, { view, from, atByte }: Frame): void {
  cursor.view = view;
  cursor.path = path;
  cursor.viewAtByte = atByte + HEAD_BYTES - from;
}

function refuseImpossible(cursor: RecordCursor, nodes: number): void {
  const objection = objectionTo(cursor, nodes);
  if (objection !== undefined) throw new ImpossibleRecord(cursor, objection);
}
