import type { LoadSpec } from '../contracts/scenario.ts';
import { KneeSteps } from '../evidence/figures/knee-steps.ts';
import { LiveFigures } from '../evidence/figures/live-figures.ts';
import { kneePlan, type KneePlan } from '../scenario/words/knee-plan.ts';

const everyMs = 250;
/** An answer is in the journal's next frame, which is on its way for at most 100 ms. */
const lateMs = 500;

/**
 * Ends a load `until: knee` when a step has passed a limit. What was due in it and has no answer by then is slower than the
 * limit of p99: so long it waits with its decision.
 */
export class KneeWatch implements Disposable {
  readonly #plan: KneePlan;
  readonly #steps: KneeSteps;
  #timer: NodeJS.Timeout | undefined;

  /** Undefined: the load searches no knee. */
  static of(load: LoadSpec): KneeWatch | undefined {
    const plan = kneePlan(load);
    return plan && new KneeWatch(plan);
  }

  private constructor(plan: KneePlan) {
    this.#plan = plan;
    this.#steps = new KneeSteps(plan);
  }

  /** For the journal of one worker. */
  listener(): (bytes: Buffer) => void {
    const live = new LiveFigures(this.#steps);
    return (bytes) => live.take(bytes);
  }

  start(originNs: bigint, onPassed: () => void): void {
    this.#timer = setInterval(() => {
      const elapsedMs = Number((process.hrtime.bigint() - originNs) / 1_000_000n);
      const decidedMs = elapsedMs - this.#plan.limits.p99Ms - lateMs;
      if (this.#steps.until(decidedMs).every(({ isKept }) => isKept)) return;
      this[Symbol.dispose]();
      onPassed();
    }, everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
