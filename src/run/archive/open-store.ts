import type { Cluster } from '../../contracts/cluster.ts';
import { lacks } from '../../std/errors.ts';
import { openFolder } from './folder-store.ts';
import { openPgBackRest } from './pgbackrest-store.ts';
import type { WalStore } from './wal-store.ts';

/** Takes a base backup of the primary as it is now. Errors: EnvironmentError, ClusterError. */
export function openStore(cluster: Cluster, signal: AbortSignal): Promise<WalStore> {
  const archive = cluster.archive ?? lacks({ name: cluster.id }, 'archive');
  const { folder, pgbackrest } = archive;
  return pgbackrest
    ? openPgBackRest(cluster, { folder, pgbackrest }, signal)
    : openFolder(cluster, folder, signal);
}
