import type { KneeStep } from '../../contracts/result.ts';
import type { KneePlan, PlannedStep } from '../../scenario/words/knee-plan.ts';
import type { RecordBatch } from '../journal/batch.ts';
import type { RecordCursor } from '../journal/cursor.ts';
import { OUTCOME } from '../journal/format.ts';
import type { JournalVisitor } from '../journal/visitor.ts';
import { LatencyRecorder } from './latency-recorder.ts';

/** Of 100 operations this many may be slower than the p99 that is asked for. */
const slowPercent = 1;

/**
 * Counts operations by the step in which they were due: live from what workers send, to end the load, and later from their
 * journals, for the result.
 */
export class KneeSteps implements JournalVisitor {
  readonly #plan: KneePlan;
  readonly #steps: readonly Step[];

  constructor(plan: KneePlan) {
    this.#plan = plan;
    this.#steps = plan.steps.map((step) => new Step(step, plan.limits.p99Ms * 1000));
  }

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      const dueMs = ((batch.answeredUs[index] ?? 0) - (batch.totalUs[index] ?? 0)) / 1000;
      this.#steps[this.#stepAt(dueMs)]?.add(batch, index);
    }
  }

  /** Its operation was sent again: an error of the step in which it was sent. */
  attempt({ sentUs }: RecordCursor): void {
    this.#steps[this.#stepAt(sentUs / 1000)]?.retry();
  }

  /** The steps that were over by then. What has no outcome is slower than the limit: the load had time for it. */
  until(ms: number): readonly KneeStep[] {
    return this.#steps
      .filter(({ planned }) => planned.untilMs <= ms)
      .map((step) => step.judged(this.#plan.limits.errorPercent));
  }

  /** -1: in the warm-up. They are of one length. */
  #stepAt(dueMs: number): number {
    const [first] = this.#plan.steps;
    if (!first || dueMs < first.fromMs) return -1;
    return Math.floor((dueMs - first.fromMs) / (first.untilMs - first.fromMs));
  }
}

class Step {
  readonly planned: PlannedStep;
  readonly #limitUs: number;
  readonly #latency = new LatencyRecorder('coarse');
  #operations = 0;
  #acknowledged = 0;
  #failed = 0;
  #slow = 0;
  #retried = 0;

  constructor(planned: PlannedStep, limitUs: number) {
    this.planned = planned;
    this.#limitUs = limitUs;
  }

  add(batch: RecordBatch, index: number): void {
    const outcome = batch.outcome[index] ?? OUTCOME.indeterminate;
    const totalUs = batch.totalUs[index] ?? 0;
    this.#operations++;
    if (outcome > OUTCOME.localOnly) {
      this.#failed++;
      return;
    }
    this.#acknowledged++;
    this.#latency.record(totalUs);
    if (totalUs > this.#limitUs) this.#slow++;
  }

  retry(): void {
    this.#retried++;
  }

  judged(errorPercent: number): KneeStep {
    const { fromMs, untilMs, perSecond, offered } = this.planned;
    const unanswered = Math.max(0, offered - this.#operations);
    const errors = percentOf(this.#failed + this.#retried, this.#operations + this.#retried);
    const slow = percentOf(this.#slow + unanswered, this.#acknowledged + unanswered);
    const isKnown = percentOf(unanswered, this.#acknowledged + unanswered) <= slowPercent;
    const seconds = (untilMs - fromMs) / 1000;
    return {
      fromMs,
      perSecond,
      ackedPerSecond: Math.round((this.#acknowledged / seconds) * 100) / 100,
      // Where more had no answer, the 99th percentile is among them.
      p99Ms: isKnown ? (this.#latency.figures()?.p99 ?? null) : null,
      slowPercent: rounded(slow),
      errorPercent: rounded(errors),
      unanswered,
      isKept: this.#operations > 0 && errors <= errorPercent && slow <= slowPercent,
    };
  }
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

function rounded(percent: number): number {
  return Math.round(percent * 1000) / 1000;
}
