import type { OperationKind, Outcome } from '../../contracts/evidence.ts';
import type { Figures, GroupFigures } from '../../contracts/figures.ts';
import type { RecordBatch } from '../journal/batch.ts';
import type { RecordCursor } from '../journal/cursor.ts';
import { KINDS, OUTCOME, OUTCOMES, packSqlState, unpackSqlState } from '../journal/format.ts';
import type { JournalVisitor } from '../journal/visitor.ts';
import type { NamedWriters } from '../../scenario/words/groups.ts';
import type { ReadTimesLine } from '../observations/format.ts';
import { GroupIndex } from './group-index.ts';
import { ReadStretch } from './read-stretch.ts';
import { LatencyRecorder } from './latency-recorder.ts';

/** What is counted apart. */
export interface FoldedLoad {
  readonly groups?: readonly NamedWriters[];
  /** Whether it has readers, or clients that read. */
  readonly reads?: boolean;
}

/** Counts operations by stretches of one length: live from what workers send, and later from their journals. */
export class FiguresFold implements JournalVisitor {
  readonly #lengthMs: number;
  readonly #groups: GroupIndex;
  readonly #reads: boolean;
  readonly #stretches = new Map<number, GroupedStretch>();
  /** The first that was not taken yet. */
  #first = 0;

  constructor(lengthMs = 1_000, { groups = [], reads = false }: FoldedLoad = {}) {
    this.#lengthMs = lengthMs;
    this.#reads = reads;
    this.#groups = new GroupIndex(groups);
  }

  attempt(cursor: RecordCursor): void {
    this.#stretchAt(cursor.answeredUs).retry(cursor);
  }

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      this.#stretchAt(batch.answeredUs[index] ?? 0).add(batch, index);
    }
  }

  /** Of one second. */
  readTimes(line: ReadTimesLine): void {
    this.#stretchAt(line.readSecond * 1_000_000).read(line);
  }

  #stretchAt(answeredUs: number): GroupedStretch {
    const at = Math.floor(answeredUs / (this.#lengthMs * 1000));
    // What comes too late for its own stretch is counted in the next one, so that totals stay right.
    const number = Math.max(at, this.#first);
    let stretch = this.#stretches.get(number);
    if (!stretch) this.#stretches.set(number, (stretch = this.#newStretch()));
    return stretch;
  }

  /** The stretches up to `untilMs` that were not taken yet, the empty ones among them; each is given once. */
  *take(untilMs: number): Generator<Figures> {
    for (; (this.#first + 1) * this.#lengthMs <= untilMs; this.#first++) {
      yield this.#figuresOf(this.#first);
      this.#stretches.delete(this.#first);
    }
  }

  /** Every one that is left: up to the last that has an operation. */
  rest(): Generator<Figures> {
    const last = [...this.#stretches.keys()].reduce((most, each) => Math.max(most, each), -1);
    return this.take((last + 1) * this.#lengthMs);
  }

  #newStretch(): GroupedStretch {
    return new GroupedStretch(this.#groups, this.#reads);
  }

  #figuresOf(number: number): Figures {
    const stretch = this.#stretches.get(number) ?? this.#newStretch();
    const atMs = number * this.#lengthMs;
    return { atMs, lengthMs: this.#lengthMs, ...stretch.figures() };
  }
}

/** Of all clients, and of those of each group. */
class GroupedStretch {
  readonly #all: Stretch;
  readonly #index: GroupIndex;
  readonly #groups: readonly Stretch[];

  constructor(index: GroupIndex, reads: boolean) {
    this.#index = index;
    this.#all = new Stretch(reads);
    this.#groups = index.names.map(() => new Stretch(reads));
  }

  read(line: ReadTimesLine): void {
    this.#all.read(line);
    if (line.group !== undefined) this.#groups[this.#index.names.indexOf(line.group)]?.read(line);
  }

  add(batch: RecordBatch, index: number): void {
    this.#all.add(batch, index);
    this.#groups[this.#index.of(batch.writer[index] ?? -1)]?.add(batch, index);
  }

  retry(cursor: RecordCursor): void {
    this.#all.retry(cursor);
    this.#groups[this.#index.of(cursor.writer)]?.retry(cursor);
  }

  figures(): Omit<Figures, 'atMs' | 'lengthMs'> {
    const all = this.#all.figures();
    if (this.#groups.length === 0) return all;
    const { names } = this.#index;
    const groups = this.#groups.map((stretch, at) => [names[at] ?? '', stretch.figures()] as const);
    return { ...all, groups: Object.fromEntries(groups) };
  }
}

class Stretch {
  /** By kind and outcome. */
  readonly #counts = new Uint32Array(KINDS.length * OUTCOMES.length);
  readonly #errors = new Map<number, number>();
  readonly #latency = new LatencyRecorder('coarse');
  readonly #service = new LatencyRecorder('coarse');
  readonly #reads: ReadStretch | undefined;
  #rows = 0;
  #retried = 0;

  constructor(reads: boolean) {
    this.#reads = reads ? new ReadStretch() : undefined;
  }

  read(line: ReadTimesLine): void {
    this.#reads?.add(line);
  }

  /** An attempt whose operation was sent again. */
  retry({ sqlState }: RecordCursor): void {
    this.#retried++;
    this.#countError(packSqlState(sqlState));
  }

  add(batch: RecordBatch, index: number): void {
    const outcome = batch.outcome[index] ?? 0;
    const at = (batch.kind[index] ?? 0) * OUTCOMES.length + outcome;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    if (outcome > OUTCOME.localOnly) {
      this.#countError(batch.value[index] ?? 0);
    } else if (outcome === OUTCOME.acknowledged) {
      this.#rows += batch.count[index] ?? 0;
      this.#latency.record(batch.totalUs[index] ?? 0);
      this.#service.record((batch.answeredUs[index] ?? 0) - (batch.sentUs[index] ?? 0));
    }
  }

  figures(): GroupFigures {
    return {
      operations: Object.fromEntries(
        KINDS.map((kind, row) => [kind, this.#outcomesOf(row)]),
      ) as Record<OperationKind, Record<Outcome, number>>,
      rows: this.#rows,
      retried: this.#retried,
      errors: Object.fromEntries(
        [...this.#errors].map(([packed, count]) => [unpackSqlState(packed), count]),
      ),
      latencyMs: this.#latency.figures() ?? null,
      serviceMs: this.#service.figures() ?? null,
      ...(this.#reads && { reads: this.#reads.figures() }),
    };
  }

  #countError(sqlState: number): void {
    this.#errors.set(sqlState, (this.#errors.get(sqlState) ?? 0) + 1);
  }

  #outcomesOf(row: number): Record<Outcome, number> {
    const counts = OUTCOMES.map((outcome, at) => {
      return [outcome, this.#counts[row * OUTCOMES.length + at] ?? 0] as const;
    });
    return Object.fromEntries(counts) as Record<Outcome, number>;
  }
}
