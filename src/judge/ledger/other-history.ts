import type { NodeReading } from '../../contracts/evidence.ts';
import { bytes, grouped } from '../../std/units/shown.ts';

/**
 * Why a replica stands on another history than the primary although both are on timelines of the same number; undefined: nothing
 * shows that. Two servers that were promoted apart give their timelines the same number, and PostgreSQL and pg_rewind compare nothing
 * else.
 */
export function otherHistory(
  primary: NodeReading,
  replica: NodeReading,
  extra: number,
): string | undefined {
  const { timeline, lagBytes } = replica;
  if (timeline === undefined || timeline !== primary.timeline) return undefined;
  const said = `it is on timeline ${timeline} as the primary is, and`;
  const meaning = 'two servers have written on a timeline of that number';
  if (lagBytes === undefined) return undefined;
  if (lagBytes < 0) return `${said} ahead of it by ${bytes(-lagBytes)}: ${meaning}`;
  // A replica that is behind still has the rows whose deletion it has not replayed.
  if (extra === 0 || lagBytes > 0) return undefined;
  const what = extra === 1 ? 'a row' : `${grouped(extra)} rows`;
  return `${said} has ${what} that the primary has not: ${meaning}, or one of them is damaged`;
}
