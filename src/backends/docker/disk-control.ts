import type { DiskControl } from '../../contracts/cluster.ts';
import type { BackendKeys } from '../../contracts/scenario.ts';
import { diskAreas, diskControl as shared, diskSize } from '../../machine/disk.ts';
import type { Access } from './access.ts';
import type { Service } from './compose-file.ts';
import type { Box } from './containers.ts';
import { disks } from './layout.ts';

/** The disks are pieces of memory, and the host's own never fills. */
export function diskControl(access: Access, box: Box): DiskControl {
  return shared({ name: box.name, disks, shell: access.shell(box) });
}

/**
 * A member whose data and WAL lie on two disks of limited size, so that each can be full without the other.
 * Errors: EnvironmentError for a size that is none.
 */
export function withDisks(member: Service, own: BackendKeys | undefined): Service {
  const size = memberDiskSize(own);
  // Everybody's, as /tmp is: the number of the image's account is not known out here.
  const mounts = diskAreas.map((area) => `${disks[area]}:size=${size},mode=1777`);
  return { ...member, tmpfs: [...member.tmpfs, ...mounts] };
}

/** Of each of a member's two disks. Errors: EnvironmentError for a size that is none. */
function memberDiskSize(own: BackendKeys | undefined): string {
  return diskSize(own, 'FORKPOINT_DOCKER_DISK');
}
