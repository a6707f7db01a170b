import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Cluster } from '../../contracts/cluster.ts';
import { takeBaseBackup } from './base-backup.ts';
import { filesIn, pushesIn, walIn } from './list-archive.ts';
import type { WalStore } from './wal-store.ts';

/** The lab's own archive: the files of WAL in one folder, and a base backup on this host. Errors: those of takeBaseBackup. */
export async function openFolder(
  cluster: Cluster,
  folder: string,
  signal: AbortSignal,
): Promise<WalStore> {
  const base = await takeBaseBackup(cluster, signal);
  return {
    version: base.version,
    from: base.from,
    isNoted: true,
    files: () => filesIn(folder),
    pushes: () => pushesIn(folder),
    has: (segment) => Promise.resolve(existsSync(path.join(walIn(folder), segment))),
    restored: (toLsn) =>
      Promise.resolve({
        data: base.data,
        recovery: { archive: walIn(folder), ...(toLsn !== undefined && { toLsn }) },
      }),
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}
