import type { Span } from './bounds.ts';

/** What is left of spans without others. */
export function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left.flatMap(({ fromMs, untilMs }) => {
        const before = { fromMs, untilMs: Math.min(untilMs, other.fromMs) };
        const after = { fromMs: Math.max(fromMs, other.untilMs), untilMs };
        return [before, after].filter((part) => part.untilMs > part.fromMs);
      }),
    spans,
  );
}

export function lengthMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
}
