import type { CapabilityName, DiskArea } from '../../contracts/cluster.ts';
import type { BackendKeys } from '../../contracts/scenario.ts';
import { type DiskPlace, diskAreas, diskSize } from '../../machine/disk.ts';
import { labFolder } from './layout.ts';

/**
 * `memory` costs nothing and survives the end of every process of a node, as a page cache does. `file` is ext4 on a loop
 * device, whose unflushed writes can be dropped; only root can create it.
 */
export interface Disks {
  readonly kind: 'memory' | 'file';
  /** Size of each, in the notation of mount and truncate. */
  readonly size: string;
}

/** Errors: EnvironmentError for an invalid FORKPOINT_LOCAL_DISK. */
export function disksFor(needs: readonly CapabilityName[], own: BackendKeys | undefined): Disks {
  const kind = needs.includes('power') ? 'file' : 'memory';
  return { kind, size: diskSize(own, 'FORKPOINT_LOCAL_DISK') };
}

/** Mount points of a member's two disks. Data is a folder in its disk: Patroni removes and renames that folder. */
export function diskFolders(node: string): DiskPlace['disks'] {
  return { data: `${labFolder}/${node}/disk`, wal: `${labFolder}/${node}/wal` };
}

export function dataFolder(node: string): string {
  return `${diskFolders(node).data}/data`;
}

export function walFolder(node: string): string {
  return `${diskFolders(node).wal}/pg_wal`;
}

/** Shell lines that create and mount a member's disks, writable for the account it runs as. */
export function makeDisks(node: string, { kind, size }: Disks): readonly string[] {
  const folders = diskFolders(node);
  return diskAreas.flatMap((area) =>
    kind === 'memory'
      ? [
          `mkdir ${folders[area]}`,
          `mount -t tmpfs -o size=${size},mode=1777 tmpfs ${folders[area]}`,
        ]
      : [
          `mkdir ${folders[area]}`,
          `truncate -s ${size} ${imageOf(node, area)}`,
          `mkfs.ext4 -q -m 0 -E nodiscard ${imageOf(node, area)}`,
          mountImage(node, area),
          `chmod 1777 ${folders[area]}`,
        ],
  );
}

export function mountImage(node: string, area: DiskArea): string {
  return `mount -o loop,noatime ${imageOf(node, area)} ${diskFolders(node)[area]}`;
}

function imageOf(node: string, area: DiskArea): string {
  return `${labFolder}/${node}/${area}.img`;
}
