import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { layerDisks, type LayeredDisks, settingsFile } from '../../machine/io.ts';
import { runScript } from '../../machine/run-script.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { disks, folder } from './layout.ts';

/** Containers have no device file of FUSE; the one who enters from the host may make and open it. */
const deviceScript = '[ -e /dev/fuse ] || mknod -m 600 /dev/fuse c 10 229';

const foundScript = 'grep -q " fuse.forkpoint " /proc/mounts && echo yes || echo no';

/** A member's disks, with the settings of their layers on the container's own file system. */
export function layeredDisks(access: Access, box: Box): LayeredDisks {
  return {
    name: box.name,
    disks,
    settings: (area) => settingsFile(folder, area),
    shell: access.shell(box),
  };
}

/**
 * Mounts layers over a member's disks, as root of the engine's host: the container itself needs no right for it.
 * Errors: EnvironmentError where that is impossible.
 */
export async function prepareLayers(access: Access, box: Box): Promise<void> {
  if (access.kind !== 'namespaces') {
    throw new EnvironmentError(
      `${box.name}: faults of disks need layers over them, which only root on the engine's own host can mount there`,
    );
  }
  const machine = layeredDisks(access, box);
  try {
    await runScript(machine, 'device of FUSE', [deviceScript]);
    await layerDisks(machine);
  } catch (error) {
    throw new EnvironmentError(messageOf(error), { cause: error });
  }
}

/** Whether it was booted with layers. */
export async function hasLayers(access: Access, box: Box): Promise<boolean> {
  const machine = layeredDisks(access, box);
  return (await runScript(machine, 'look for layers', [foundScript])).trim() === 'yes';
}
