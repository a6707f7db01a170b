import type { Latency } from '../../contracts/result.ts';
import type { Phase } from '../../contracts/scenario.ts';
import { LatencyRecorder } from '../../evidence/figures/latency-recorder.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { OUTCOME, OUTCOMES } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { Span } from './bounds.ts';

/** Which operations a phase has, by their times in microseconds; and when its writes count as acknowledged. */
export interface WindowSpec {
  readonly edge: Phase['edge'];
  readonly stretches: readonly Span[];
  /** What of them counts as time: without the warm-up, and without the time in which a fault held the load. */
  readonly open: readonly Span[];
  /** What was due before counts in no latency. */
  readonly warmupMs: number;
}

/**
 * The operations of each phase.
 * An operation that any part of a fault's time could have touched, from when it was due to its answer, is of `during`; so
 * `before` has what was answered in it, and `after` what was due in it. Acknowledged writes per second count by the answer.
 */
export class WindowLog implements JournalVisitor {
  readonly tallies: readonly WindowTally[];

  constructor(specs: readonly WindowSpec[]) {
    this.tallies = specs.map((spec) => new WindowTally(spec));
  }

  attempt(cursor: RecordCursor): void {
    for (const tally of this.tallies) tally.attempt(cursor);
  }

  records(batch: RecordBatch): void {
    for (const tally of this.tallies) tally.records(batch);
  }
}

export class WindowTally {
  readonly #edge: Phase['edge'];
  readonly #stretches: readonly (readonly [fromUs: number, untilUs: number])[];
  readonly #open: readonly (readonly [fromUs: number, untilUs: number])[];
  readonly #attempts = new Float64Array(OUTCOMES.length);
  readonly #latency = new LatencyRecorder();
  readonly #warmupUs: number;
  #rows = 0;
  #gaveUp = 0;

  constructor({ edge, stretches, open, warmupMs }: WindowSpec) {
    this.#warmupUs = warmupMs * 1000;
    this.#edge = edge;
    this.#stretches = stretches.map(inUs);
    this.#open = open.map(inUs);
  }

  get attempts(): Readonly<Record<(typeof OUTCOMES)[number], number>> {
    const [acknowledged = 0, localOnly = 0, failed = 0, indeterminate = 0] = this.#attempts;
    return { acknowledged, localOnly, failed, indeterminate };
  }

  /** Acknowledged in the time that counts. */
  get rows(): number {
    return this.#rows;
  }

  /** Operations that ended without success. */
  get gaveUp(): number {
    return this.#gaveUp;
  }

  latency(): Latency | null {
    return this.#latency.summary() ?? null;
  }

  /** Of an operation that was sent again; it began when it was sent. */
  attempt({ outcome, sentUs, answeredUs }: RecordCursor): void {
    if (!this.#has(sentUs, answeredUs)) return;
    this.#attempts[outcome] = (this.#attempts[outcome] ?? 0) + 1;
  }

  records({ length, outcome, answeredUs, totalUs, count }: RecordBatch): void {
    for (let index = 0; index < length; index++) {
      const endUs = answeredUs[index] ?? 0;
      const of = outcome[index] ?? OUTCOME.indeterminate;
      if (of === OUTCOME.acknowledged && isWithin(this.#open, endUs)) {
        this.#rows += count[index] ?? 0;
      }
      const latencyUs = totalUs[index] ?? 0;
      if (!this.#has(endUs - latencyUs, endUs)) continue;
      this.#attempts[of] = (this.#attempts[of] ?? 0) + 1;
      if (of > OUTCOME.localOnly) this.#gaveUp++;
      const isMeasured = of === OUTCOME.acknowledged && endUs - latencyUs >= this.#warmupUs;
      if (isMeasured) this.#latency.record(latencyUs);
    }
  }

  #has(dueUs: number, endUs: number): boolean {
    if (this.#edge === 'before') return isWithin(this.#stretches, endUs);
    if (this.#edge === 'after') return isWithin(this.#stretches, dueUs);
    for (const [fromUs, untilUs] of this.#stretches) {
      if (endUs >= fromUs && dueUs < untilUs) return true;
    }
    return false;
  }
}

function isWithin(spans: readonly (readonly [number, number])[], atUs: number): boolean {
  for (const [fromUs, untilUs] of spans) if (atUs >= fromUs && atUs < untilUs) return true;
  return false;
}

function inUs({ fromMs, untilMs }: Span): readonly [number, number] {
  return [fromMs * 1000, untilMs * 1000];
}
