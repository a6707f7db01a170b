import type { Result } from '../../contracts/result.ts';
import { areLeast } from '../../std/units/lower-bound.ts';

/** Scripts search for these lines: keep the words, and the numbers without separators. */
export function dataLossReport(result: Pick<Result, 'records' | 'journal'>): readonly string[] {
  const { records } = result;
  const isLeast = areLeast(result);
  const shown = (count: number | null) =>
    count === null ? 'unknown' : `${isLeast ? 'at least ' : ''}${count}`;
  return [
    'Data Loss Report',
    `  Total Records Inserted: ${shown(records.inserted)}`,
    `  Records Found in DB: ${shown(records.found)}`,
    `  Records Lost: ${shown(records.lost)}`,
    `  Data Loss Percentage: ${isLeast ? 'unknown' : percentage(records)}`,
  ];
}

/** A loss is never rounded to 0.00 %: it gets as many digits as needed. */
function percentage({ inserted, lost }: Result['records']): string {
  if (lost === null || inserted === null) return 'unknown';
  const percent = inserted === 0 ? 0 : (lost / inserted) * 100;
  if (percent === 0 || percent >= 0.01) return `${percent.toFixed(2)}%`;
  // toPrecision would do, but says 1.0e-8 below a millionth.
  return `${percent.toFixed(Math.min(20, 1 - Math.floor(Math.log10(percent))))}%`;
}
