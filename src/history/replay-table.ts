import type { Result } from '../contracts/result.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { counted } from '../render/support/counted.ts';
import { known, secondsOrUnknown } from '../render/support/format.ts';

/** The main numbers of two runs of one plan, one line each; they do not decide whether the runs are alike. */
export function sideBySide(before: Result, after: Result): readonly string[] {
  const now = numbersOf(after);
  const rows = [
    ['', 'then', 'now'],
    ...numbersOf(before).map(([name, value], index) => [name, value, now[index]?.[1] ?? '']),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  );
}

function numbersOf(result: Result): readonly (readonly [name: string, value: string])[] {
  const { writes, outage, failovers } = result;
  const lost = lostWrites(writes);
  return [
    ['acknowledged', counted(result, writes.acknowledged)],
    ['lost', counted(result, lost)],
    ['longest outage', secondsOrUnknown(outage.longestMs)],
    ['failovers', known(failovers)],
    ['led by', leaders(result)],
  ];
}

/** In order, with a node listed again if it came back: the promoted node follows the first one. */
function leaders({ timeline }: Result): string {
  const spans = (timeline?.roles ?? []).toSorted((a, b) => a.fromMs - b.fromMs);
  const holders = spans.filter(({ role }) => role === 'leader');
  // A single server has no lock.
  const led = holders.length > 0 ? holders : spans.filter(({ role }) => role === 'primary');
  const changes = led.filter(({ node }, index) => node !== led[index - 1]?.node);
  return changes.map(({ node }) => node).join(', ') || 'unknown';
}
