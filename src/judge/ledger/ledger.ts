import type { JournalHeader, Outcome, Ranges } from '../../contracts/evidence.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KIND, MOST_WRITERS, OUTCOMES } from '../../evidence/journal/format.ts';
import { ImpossibleRecord } from '../../evidence/journal/impossible-record.ts';
import { problemOf, readJournal, type JournalReading } from '../../evidence/journal/reader.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import { WriterLedger } from './writer-ledger.ts';

/** Far beyond any deadline of an operation under way when the load ends. */
const drainMs = 3_600_000;

export interface LedgerOptions {
  readonly runId?: string;
  /** How many writers the plan has: 0 .. writers-1. One that no journal holds is unfinished, and a problem. */
  readonly writers?: number;
  /** The most rows of one operation, by the plan. */
  readonly batch?: number;
  /** How long the load was; what was answered long after it was written by no run. */
  readonly loadMs?: number | undefined;
  /** The plan deletes: an unfinished journal may then hide a delete. Any journaled delete says so as well. */
  readonly hasDeletes?: boolean;
}

/** What every writer did: the outcomes, without any reading of a database. */
export class Ledger implements JournalVisitor {
  /** Names behind `Stretch.node`. */
  nodes: readonly string[] = [];
  readonly journals: JournalReading[] = [];
  readonly #options: LedgerOptions;
  readonly #writers: (WriterLedger | undefined)[] = [];
  readonly #fileOf = new Map<number, string>();
  readonly #finished = new Set<number>();
  readonly #writes = new Float64Array(OUTCOMES.length);
  #hasDeletes: boolean;
  #hasIds = false;
  /** Writers of the journal that is being read. */
  #firstWriter = 0;
  #endWriter = 0;

  constructor(options: LedgerOptions = {}) {
    this.#options = options;
    this.#hasDeletes = options.hasDeletes ?? false;
  }

  begin(header: JournalHeader, path: string): void {
    if (this.nodes.length > 0 && this.nodes.join() !== header.nodes.join()) {
      throw new ScenarioError(
        `${path}: its nodes are ${header.nodes.join(', ')}, those of the run's other journals ${this.nodes.join(', ')}. No run writes that: it was edited, or damaged. Take it as it was written.`,
      );
    }
    const { writers: planned = MOST_WRITERS } = this.#options;
    if (header.firstWriter + header.writers > planned) {
      throw new ScenarioError(
        `${path}: its writers go up to ${header.firstWriter + header.writers - 1}, and the plan has ${planned}. No run writes that: it was edited, or damaged. Take it as it was written.`,
      );
    }
    this.nodes = header.nodes;
    this.#firstWriter = header.firstWriter;
    this.#endWriter = header.firstWriter + header.writers;
    for (let writer = header.firstWriter; writer < header.firstWriter + header.writers; writer++) {
      const other = this.#fileOf.get(writer);
      if (other !== undefined) {
        throw new ScenarioError(`${path} and ${other} both hold writer ${writer}: one is a copy`);
      }
      this.#fileOf.set(writer, path);
      this.#writers[writer] = new WriterLedger(writer);
    }
  }

  /** Errors: ImpossibleRecord for what this journal or this run cannot hold. */
  records(batch: RecordBatch): void {
    const { batch: mostRows = Infinity, loadMs = Infinity } = this.#options;
    const mostUs = (loadMs + drainMs) * 1000;
    const first = this.#firstWriter;
    const end = this.#endWriter;
    const { length, kind: kinds, outcome: outcomes, writer: writers, count: counts } = batch;
    for (let index = 0; index < length; index++) {
      const of = writers[index] ?? 0;
      const writer = this.#writers[of];
      if (!writer || of < first || of >= end) {
        throw new ImpossibleRecord(batch.cursorAt(index), `writer ${of} is not of this journal`);
      }
      const count = counts[index] ?? 0;
      const outcome = outcomes[index] ?? 0;
      if (count > mostRows || (batch.answeredUs[index] ?? 0) > mostUs) {
        throw this.#tooLarge(batch.cursorAt(index));
      }
      writer.apply(batch, index);
      this.#writes[outcome] = (this.#writes[outcome] ?? 0) + count;
      if (kinds[index] === KIND.delete) this.#hasDeletes = true;
    }
  }

  /** A few bytes would become very many entries. */
  #tooLarge(cursor: RecordCursor): ImpossibleRecord {
    const { writer, count, answeredUs } = cursor;
    const { batch = Infinity, loadMs = Infinity } = this.#options;
    return new ImpossibleRecord(
      cursor,
      `writer ${writer} has an operation of ${count} rows, answered ${answeredUs / 1e6} s after the load began; by the plan it has at most ${batch} rows, and by the events the load took ${loadMs} ms`,
    );
  }

  id(): void {
    this.#hasIds = true;
  }

  /** Whether any server-made id was journaled. */
  get hasIds(): boolean {
    return this.#hasIds;
  }

  /** Once per journal, when it has been read. */
  end(reading: JournalReading): void {
    this.journals.push(reading);
    if (!reading.isFinished || !reading.header) return;
    const { firstWriter, writers } = reading.header;
    for (let writer = firstWriter; writer < firstWriter + writers; writer++) {
      this.#finished.add(writer);
    }
  }

  get operations(): number {
    return this.journals.reduce((sum, { operations }) => sum + operations, 0);
  }

  /** Journaled writes (rows of operations) with this outcome. */
  writes(outcome: Outcome): number {
    return this.#writes[OUTCOMES.indexOf(outcome)] ?? 0;
  }

  /** Writers with a journal, or expected by the plan, ascending. */
  writers(): number[] {
    const count = Math.max(this.#writers.length, this.#options.writers ?? 0);
    return Array.from({ length: count }, (_, writer) => writer).filter((w) => this.isExpected(w));
  }

  /** A writer of this run; rows of any other are unexpected. */
  isExpected(writer: number): boolean {
    return this.#writers[writer] !== undefined || writer < (this.#options.writers ?? 0);
  }

  /** Undefined for a writer of the plan whose journal is missing. */
  writer(writer: number): WriterLedger | undefined {
    return this.#writers[writer];
  }

  /** All it ever did is known. Of an unfinished writer, what came after its last record is indeterminate. */
  isFinished(writer: number): boolean {
    return this.#finished.has(writer);
  }

  /** Whether a row of this writer may have been deleted without a record of it. */
  mayHideDeletes(writer: number): boolean {
    return this.#hasDeletes && !this.isFinished(writer);
  }

  /**
   * Whether rows of unknown writers may be this run's: a journal's header is gone, and the plan did not say how many
   * writers there were.
   */
  get mayHideWriters(): boolean {
    return this.#options.writers === undefined && this.journals.some(({ header }) => !header);
  }

  /** What is wrong with the journals, one sentence each; empty when nothing is. */
  problems(): string[] {
    const problems = this.journals.map(problemOf).filter((problem) => problem !== undefined);
    const missing = this.missingWriters();
    if (missing > 0)
      problems.push(`no journal holds ${missing} of ${this.writers().length} writers`);
    return problems;
  }

  /** Writers of the plan that no journal holds. */
  missingWriters(): number {
    return this.writers().filter((writer) => !this.#writers[writer]).length;
  }

  /** Writers whose journal does not reach its end. */
  partialWriters(): number {
    return this.writers().filter((writer) => this.#writers[writer] && !this.isFinished(writer))
      .length;
  }

  /** Cut journals only, for result.json. */
  cuts(): string[] {
    return this.journals.filter(({ cut }) => cut).map((reading) => problemOf(reading) ?? '');
  }
}

/**
 * Folds journals into a ledger in one pass; `observers` see every record of the same pass.
 * Errors: ScenarioError for a journal that is not this run's; ImpossibleRecord for operations in an impossible order.
 */
export function buildLedger(
  paths: readonly string[],
  options: LedgerOptions = {},
  ...observers: readonly JournalVisitor[]
): Ledger {
  const ledger = new Ledger(options);
  const expected = options.runId === undefined ? {} : { runId: options.runId };
  for (const path of paths) ledger.end(readJournal(path, expected, ledger, ...observers));
  return ledger;
}

/** Inserted rows of a writer, whatever their outcome. */
export function insertedRange(writer: WriterLedger): Ranges {
  return writer.first === undefined ? [] : [[writer.first, writer.next - 1]];
}
