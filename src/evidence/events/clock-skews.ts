import type { RunEvent } from '../../contracts/evidence.ts';

/** A time in which a fault kept the wall clock of a node wrong. Units: Unix milliseconds by a right clock. */
export interface ClockSkew {
  readonly node: string;
  readonly byMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Whose wall clock was moved, by whatever fault: it registered `resetClock` as its undo and journaled by how much.
 * Until the end of the run where it was never set back.
 */
export function clockSkews(events: readonly RunEvent[], startedAt: string): readonly ClockSkew[] {
  const startMs = Date.parse(startedAt);
  const endMs = startMs + (events.at(-1)?.atMs ?? 0);
  return events.flatMap((event): ClockSkew[] => {
    if (event.type !== 'undo' || event.step.do !== 'resetClock') return [];
    const { id, step } = event;
    const injected = events.find((each) => each.type === 'injected' && each.id === id);
    const byMs = injected?.type === 'injected' ? skewIn(injected.detail) : undefined;
    if (byMs === undefined) return [];
    const healed = events.find((each) => each.type === 'healed' && each.id === id);
    const untilMs = healed ? startMs + healed.atMs : endMs;
    return [{ node: step.node, byMs, fromMs: startMs + event.atMs, untilMs }];
  });
}

function skewIn(detail: unknown): number | undefined {
  const { byMs } = (detail ?? {}) as { readonly byMs?: unknown };
  return typeof byMs === 'number' ? byMs : undefined;
}
