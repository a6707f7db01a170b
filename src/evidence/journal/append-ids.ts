import type { JournalWriter } from './writer.ts';

/** Server-made ids of rows seq, seq+1, ...: one record per run of consecutive ids. */
export function journalIds(
  journal: JournalWriter,
  writer: number,
  seq: number,
  ids: readonly string[],
): void {
  const numbers = ids.map(Number);
  let from = 0;
  for (let at = 1; at <= numbers.length; at++) {
    const first = numbers[from] ?? 0;
    if (at < numbers.length && numbers[at] === first + (at - from)) continue;
    journal.appendId(writer, seq + from, first, at - from);
    from = at;
  }
}
