import type { DiskControl } from '../../contracts/cluster.ts';
import type { BackendKeys } from '../../contracts/scenario.ts';
import { diskAreas, diskControl as shared, diskSize } from '../../machine/disk.ts';
import type { Access } from './access.ts';
import type { Service } from './compose-file.ts';
import type { Box } from './containers.ts';
import { disks } from './layout.ts';

/** The disks are in memory, and the host's own disk never fills. */
export function diskControl(access: Access, box: Box): DiskControl {
  return shared({ name: box.name, disks, shell: access.shell(box) });
}

/**
 * Mounts for a member whose data and WAL are on two disks of limited size, so that each can be full without the other.
 * Errors: EnvironmentError for an invalid size.
 */
export function withDisks(member: Service, own: BackendKeys | undefined): Service {
  const size = memberDiskSize(own);
  // Writable for all, like /tmp: the user id of the image's account is not known here.
  const mounts = diskAreas.map((area) => `${disks[area]}:size=${size},mode=1777`);
  return { ...member, tmpfs: [...member.tmpfs, ...mounts] };
}

/** Size of each of a member's two disks. Errors: EnvironmentError for an invalid size. */
function memberDiskSize(own: BackendKeys | undefined): string {
  return diskSize(own, 'FORKPOINT_DOCKER_DISK');
}
