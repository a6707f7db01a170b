import type { OldPrimaryWal } from '../../contracts/result.ts';

/** The last WAL that was taken of each old primary on a timeline: it has what earlier ones have. */
export function lastTakings(wal: readonly OldPrimaryWal[]): readonly OldPrimaryWal[] {
  return wal.filter(({ node, timeline }, at) => {
    return !wal.slice(at + 1).some((each) => each.node === node && each.timeline === timeline);
  });
}
