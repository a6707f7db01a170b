import type { PlannedEntry } from '../contracts/suite.ts';

/** Booting, seeding, converging, reading back and teardown, as measured on a lab of three nodes. */
const besideLoadMs = 12_000;

/**
 * The starting order: runs that need the host alone first, then the longest first, so that the suite does not end with
 * one long run on an otherwise idle host.
 */
export function startOrder(entries: readonly PlannedEntry[]): readonly PlannedEntry[] {
  return entries.toSorted(
    (a, b) => Number(b.isExclusive) - Number(a.isExclusive) || expectedMs(b) - expectedMs(a),
  );
}

/** Expected time of the whole suite when nothing goes wrong. */
export function expectedSuiteMs(entries: readonly PlannedEntry[], jobs: number): number {
  const lanes = Array.from({ length: jobs }, () => 0);
  let aloneMs = 0;
  for (const entry of startOrder(entries)) {
    if (entry.isExclusive) aloneMs += expectedMs(entry);
    else {
      const earliest = lanes.indexOf(Math.min(...lanes));
      lanes[earliest] = (lanes[earliest] ?? 0) + expectedMs(entry);
    }
  }
  return aloneMs + Math.max(...lanes);
}

function expectedMs({ plan }: PlannedEntry): number {
  return plan.scenario.load.durationMs + besideLoadMs;
}
