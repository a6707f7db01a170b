import type { ClusterSettings } from '../../contracts/durability.ts';
import { erasingSettings } from '../../patroni/erasing-settings.ts';
import { parseSize } from '../../std/units/units.ts';

/** Below it a checkpoint or two of a busy primary recycle the WAL around a fork. Patroni's own default. */
const smallKeptBytes = 128 * 2 ** 20;

/**
 * Settings by which what an old primary wrote past a fork is erased before a person has looked at it, a sentence each. Patroni's are
 * those of its dynamic configuration; a member's own file may differ.
 */
export function erasesEvidence({ manager, members }: ClusterSettings): readonly string[] {
  const config = manager.kind === 'patroni' ? erasingSettings(manager.config) : [];
  return [
    ...config.map(({ setting, why }) => `${setting}: ${why}`),
    ...members.flatMap(({ node, parameters }) => keepsLittle(node, parameters)),
  ];
}

function keepsLittle(
  node: string,
  { wal_keep_size: kept }: ClusterSettings['members'][number]['parameters'],
): readonly string[] {
  if (kept === undefined || bytesOf(kept) >= smallKeptBytes) return [];
  return [
    `wal_keep_size ${kept} on ${node}: WAL around a fork is recycled after the next checkpoints; 128MB or more keeps it longer`,
  ];
}

/** As PostgreSQL shows it: '0', '128MB'. */
function bytesOf(text: string): number {
  try {
    return parseSize(text === '0' ? '0B' : text);
  } catch {
    return Infinity;
  }
}
