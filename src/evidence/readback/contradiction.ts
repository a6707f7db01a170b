import type { NodeReading, WriterReading } from '../../contracts/evidence.ts';
import { contains, count } from '../../std/ranges.ts';

/**
 * Contradictions within one node's reading, in words: rows that do not add up, or statements about rows that are absent.
 * Read-back never writes those; undefined without any.
 */
export function contradictionIn(reading: NodeReading): string | undefined {
  if (reading.status !== 'read') return undefined;
  for (const writer of reading.writers) {
    const stray = strayRow(writer);
    if (stray !== undefined) return `writer ${writer.writer}: row ${stray} is not among its rows`;
  }
  const found = reading.writers.map(rowsOf).concat(reading.foreign.map((each) => each.count));
  const sum = found.reduce((total, rows) => total + rows, reading.unkeyed ?? 0);
  if (sum === reading.rows) return undefined;
  return `rows: ${reading.rows}, but the listed rows add up to ${sum}`;
}

function rowsOf({ present, duplicated }: WriterReading): number {
  return count(present) + duplicated.reduce((sum, [, copies]) => sum + copies - 1, 0);
}

function strayRow({ present, versions, corrupted, duplicated }: WriterReading): number | undefined {
  const named = [corrupted, versions.map(([seq]) => seq), duplicated.map(([seq]) => seq)];
  for (const seqs of named) {
    const stray = seqs.find((seq) => !contains(present, seq));
    if (stray !== undefined) return stray;
  }
  return undefined;
}
