import type { Result } from '../../contracts/result.ts';
import { kneeHead, kneeLimits, kneeRows } from '../../render/support/knee-rows.ts';
import type { Markup } from '../../render/support/markup.ts';
import { badge, table } from '../../render/support/table.ts';

/** What became of each rate of a load `until: knee`. */
export function knee(result: Result): Markup | undefined {
  const { knee: found } = result.throughput;
  if (!found) return undefined;
  const rows = kneeRows(result, (isKept) => badge(isKept ? 'pass' : 'fail'));
  const head = kneeHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Steps to the knee', head, rows, kneeLimits(found));
}
