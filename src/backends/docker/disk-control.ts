import type { DiskArea, DiskControl } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError } from '../../errors.ts';
import type { Access } from './access.ts';
import type { Service } from './compose-file.ts';
import type { Box } from './containers.ts';
import { disks } from './layout.ts';

/**
 * Makes the ballast so long that $2 bytes stay free. It grows or shrinks in place: filling again never lets go of what
 * is filled. The server writes meanwhile, so what was free a moment ago may not be: look again.
 */
const fillScript = `
tries=0
while [ $tries -lt 50 ]; do
  free=$(df -B1 --output=avail "$1" | tail -n 1)
  have=$(stat -c %s "$1/.ballast" 2>/dev/null || echo 0)
  size=$((have + free - $2))
  [ $size -gt 0 ] || size=0
  if [ $size -le $have ]; then
    [ $size -eq $have ] || truncate -s $size "$1/.ballast"
    exit
  fi
  fallocate -l $size "$1/.ballast" && exit
  tries=$((tries + 1))
  sleep 0.05
done
exit 1`;

/** A file beside the data that takes the space; the disk is a piece of memory, and the host's own never fills. */
export function diskControl(access: Access, box: Box): DiskControl {
  const inBox = async (what: string, argv: readonly string[]) => {
    const { exitCode, stderr } = await access.inside(box, argv);
    if (exitCode === 0) return;
    throw new ClusterError(`${box.name}: ${what}: exit code ${exitCode}: ${stderr.trim()}`);
  };
  return {
    fill: (area, leaveBytes) =>
      inBox(`fill the ${area} disk`, [
        ...['sh', '-c', fillScript, 'sh', disks[area], String(Math.max(0, Math.ceil(leaveBytes)))],
      ]),
    free: (area) => inBox(`free the ${area} disk`, ['rm', '-f', `${disks[area]}/.ballast`]),
  };
}

/**
 * A member whose data and WAL lie on two disks of limited size, so that each can be full without the other.
 * Errors: EnvironmentError for a size that is none.
 */
export function withDisks(member: Service): Service {
  const size = memberDiskSize();
  if (!/^\d+[kmg]$/.test(size)) {
    throw new EnvironmentError(`FORKPOINT_DOCKER_DISK=${size}: needs a size such as 512m or 2g`);
  }
  const areas: readonly DiskArea[] = ['data', 'wal'];
  // Everybody's, as /tmp is: the number of the image's account is not known out here.
  const mounts = areas.map((area) => `${disks[area]}:size=${size},mode=1777`);
  return { ...member, tmpfs: [...member.tmpfs, ...mounts] };
}

/** Of each of a member's two disks. */
export function memberDiskSize(): string {
  return process.env.FORKPOINT_DOCKER_DISK ?? '2g';
}
