import type { LostPlace, Result } from '../../contracts/result.ts';
import { extent } from '../../std/units/extent.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import { leavesAt, type Ancestry } from '../causes/ancestry.ts';

/**
 * What the lost writes span: on each server and timeline that lost some, the WAL from the fork point (or the first lost
 * write) to the last one, and the time from the first lost acknowledgement to the last one; added over these.
 * Both are lower bounds: by the last write's own record, and by the time since the last write that was kept. A loss
 * never spans nothing. null: not known of every lost write.
 */
export function rpoOf(
  lost: number | null,
  places: readonly LostPlace[],
  ancestry: Ancestry | undefined,
): Result['rpo'] {
  if (lost === null) return { records: null, bytes: null, seconds: null };
  if (lost === 0) return { records: 0, bytes: 0, seconds: 0 };
  // What was acknowledged with a warning is not counted as lost.
  const counted = places.filter(({ cause }) => cause !== 'localOnly');
  const servers = [...Map.groupBy(counted, ({ node, timeline }) => `${node} ${timeline}`).values()];
  const bytes = servers.map((group) => walOf(group, ancestry));
  const ms = servers.map((group) => {
    const [first, last] = extent(group.flatMap(({ ackedAtMs }) => ackedAtMs)) ?? [0, 0];
    return last - first;
  });
  return {
    records: lost,
    bytes: bytes.reduce((sum, each) => (sum === null || each === null ? null : sum + each), 0),
    seconds: Math.round(ms.reduce((sum, each) => sum + Math.max(1, each), 0)) / 1000,
  };
}

function walOf(group: readonly LostPlace[], ancestry: Ancestry | undefined): number | null {
  const positions = group.map(({ lsn }) => lsn?.map(lsnNumber));
  if (positions.some((position) => position === undefined)) return null;
  const known = extent(positions.flatMap((position) => position ?? []));
  if (!known) return null;
  const [first, last] = known;
  const timeline = group[0]?.timeline;
  const fork = ancestry && timeline != null ? leavesAt(ancestry, timeline) : undefined;
  return Math.max(1, last - Math.min(first, fork ?? first));
}
