import type { LoadSpec, RateStage } from '../../contracts/scenario.ts';

interface PlacedStage extends RateStage {
  readonly startMs: number;
  /** Operations that are due before it. */
  readonly before: number;
  /** Of its own; not a whole number. */
  readonly offered: number;
}

/** When each operation of a load is due: decided by the plan alone, whatever the database does. */
export class RateProfile {
  readonly #stages: readonly PlacedStage[];
  /** Where the last operation was found: they are asked for in ascending order. */
  #at = 0;

  constructor(stages: readonly RateStage[]) {
    let startMs = 0;
    let before = 0;
    this.#stages = stages.map((stage) => {
      const offered = ((stage.fromPerSecond + stage.toPerSecond) / 2) * (stage.lastsMs / 1000);
      const placed = { ...stage, startMs, before, offered };
      startMs += stage.lastsMs;
      before += offered;
      return placed;
    });
  }

  /** Microseconds from the start of the load to the intended start of operation 0, 1, ...; Infinity after the last stage. */
  dueUs(operation: number): number {
    if (operation < (this.#stages[this.#at]?.before ?? Infinity)) this.#at = 0;
    for (; this.#at < this.#stages.length; this.#at++) {
      const stage = this.#stages[this.#at];
      if (stage && operation < stage.before + stage.offered) return dueIn(stage, operation);
    }
    return Infinity;
  }

  /** How many operations are due before this time; not a whole number. */
  offeredBy(us: number): number {
    const stage = this.#stages.findLast(({ startMs }) => us > startMs * 1000);
    if (!stage) return 0;
    const { fromPerSecond, toPerSecond, lastsMs, startMs, before } = stage;
    const seconds = Math.min(us / 1000 - startMs, lastsMs) / 1000;
    if (fromPerSecond === toPerSecond) return before + fromPerSecond * seconds;
    const growth = (toPerSecond - fromPerSecond) / (lastsMs / 1000);
    return before + fromPerSecond * seconds + (growth * seconds * seconds) / 2;
  }
}

/** Undefined: a closed loop has no schedule. */
export function rateProfile({
  ratePerSecond,
  stages,
}: Pick<LoadSpec, 'ratePerSecond' | 'stages'>): RateProfile | undefined {
  if (stages) return new RateProfile(stages);
  if (ratePerSecond === undefined) return undefined;
  const constant = { fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond, lastsMs: Infinity };
  return new RateProfile([constant]);
}

function dueIn({ fromPerSecond, toPerSecond, lastsMs, startMs, before }: PlacedStage, of: number) {
  const operation = of - before;
  if (operation <= 0) return startMs * 1000;
  if (fromPerSecond === toPerSecond) return startMs * 1000 + (operation * 1e6) / fromPerSecond;
  const growth = (toPerSecond - fromPerSecond) / (lastsMs / 1000);
  // The solution of `operation = from * t + growth / 2 * t²` that does not subtract numbers of nearly one size.
  const root = Math.sqrt(Math.max(0, fromPerSecond ** 2 + 2 * growth * operation));
  const seconds = (2 * operation) / (fromPerSecond + root);
  return Math.min(startMs + lastsMs, startMs + seconds * 1000) * 1000;
}
