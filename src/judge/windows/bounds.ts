import type { RunEvent } from '../../contracts/evidence.ts';
import type { Injection } from '../../contracts/result.ts';
import type { FaultStep, Phase } from '../../contracts/scenario.ts';
import { isStepOf } from '../../std/units/units.ts';

/** Milliseconds since the start of the load. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** When a phase was; without a stretch, why not. */
export type Bounds =
  | { readonly stretches: readonly Span[]; readonly reason: null }
  | { readonly stretches: readonly []; readonly reason: string };

export interface PhaseSources {
  readonly steps: readonly FaultStep[];
  readonly faults: readonly Injection[];
  readonly events: readonly RunEvent[];
  /** When the load had sent everything; undefined: it never began. */
  readonly endMs: number | undefined;
}

/**
 * When a phase was. A fault begins with its injection, so that no error falls between two phases, and must have been confirmed
 * to be in force. It ends when its heal was confirmed, at the latest with the load; where there is nothing to heal and the
 * scenario does not hold it, when it had been injected.
 */
export function boundsOf(phase: Phase, sources: PhaseSources): Bounds {
  const { endMs } = sources;
  if (endMs === undefined) return none('the load never began');
  const steps = sources.steps.filter(({ id }) => isStepOf(id, phase));
  const spans: Span[] = [];
  for (const step of steps) {
    const span = spanOf(step, { ...sources, endMs });
    if (typeof span === 'string') return none(span);
    spans.push(span);
  }
  const [first] = spans;
  const last = spans.at(-1);
  if (!first || !last) return none(`the plan has no fault '${phase.step}'`);
  const stretches = stretchesOf(phase, {
    spans,
    firstMs: first.fromMs,
    lastMs: last.untilMs,
    endMs,
  });
  const lasting = stretches.filter(({ fromMs, untilMs }) => untilMs > fromMs);
  if (lasting.length > 0) return { stretches: lasting, reason: null };
  return none(emptyBecause(phase, { lastMs: last.untilMs, endMs }));
}

function none(reason: string): Bounds {
  return { stretches: [], reason };
}

function spanOf(
  step: FaultStep,
  { faults, events, endMs }: PhaseSources & { readonly endMs: number },
): Span | string {
  const found = faults.find(({ id }) => id === step.id);
  if (found?.injectedAtMs == null) return `${step.id} was never injected`;
  if (found.inForceAtMs === null) return `${step.id} was not seen to be in force`;
  const fromMs = Math.min(found.injectedAtMs, endMs);
  const isHeld = step.holdMs !== undefined || step.until !== undefined;
  const hasUndo = events.some((event) => event.type === 'undo' && event.id === step.id);
  const untilMs = isHeld || hasUndo ? (found.healedAtMs ?? endMs) : found.inForceAtMs;
  return { fromMs, untilMs: Math.min(untilMs, endMs) };
}

function stretchesOf(
  { edge, offsetMs, withinMs = Infinity }: Phase,
  about: {
    readonly spans: readonly Span[];
    readonly firstMs: number;
    readonly lastMs: number;
    readonly endMs: number;
  },
): readonly Span[] {
  const { spans, firstMs, lastMs, endMs } = about;
  if (edge === 'during') return spans;
  if (edge === 'before') return [{ fromMs: Math.max(0, firstMs - withinMs), untilMs: firstMs }];
  const fromMs = lastMs + offsetMs;
  return [{ fromMs, untilMs: Math.min(endMs, fromMs + withinMs) }];
}

function emptyBecause(
  { edge, step, offsetMs }: Phase,
  { lastMs, endMs }: { readonly lastMs: number; readonly endMs: number },
): string {
  if (edge === 'before') return `${step} was injected when the load began`;
  if (edge === 'during') return `${step} was over at once`;
  if (lastMs >= endMs) return `${step} was in force until the end of the load`;
  return `the load ended ${endMs - lastMs} ms after ${step}, before ${offsetMs} ms had passed`;
}
