import type { PowerControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { diskAreas } from '../../machine/disk.ts';
import { layerDisks } from '../../machine/io.ts';
import { layeredDisks } from './disk-layers.ts';
import { diskFolders, mountImage } from './disks.ts';
import { labCommand, labShell } from './enter.ts';
import { isProcessRunning, signalProcesses } from '../../machine/processes.ts';
import type { LabRecord } from './record.ts';

const cutTimeoutMs = 60_000;

/**
 * EXT4_IOC_SHUTDOWN with NOLOGFLUSH: the file system stops as if its machine had lost power, including dirty pages and the
 * journal's open transaction; the next mount finds only what reached the device. Source: Linux, fs/ext4/ioctl.c.
 */
const shutDown = `
import fcntl, os, struct, sys
for folder in sys.argv[1:]:
    fcntl.ioctl(os.open(folder, os.O_RDONLY), 0x8004587D, struct.pack("I", 2))
`;

/**
 * In one command: from the last write on, the kernel may write back by itself. $1: shutDown; $2: `yes` where layers lie over
 * the disks, which keep nothing themselves; then the disks. A process that reads a disk at that moment keeps it busy for a moment.
 */
const cutScript = `
program=$1; layered=$2; shift 2
unmount() {
  for folder; do
    tries=0
    until umount "$folder"; do
      tries=$((tries + 1)); [ $tries -lt 100 ] || exit 1; sleep 0.05
    done
  done
}
[ "$layered" = no ] || unmount "$@"
python3 -c "$program" "$@" || exit 1
unmount "$@"
`;

/** For members whose disks are files on loop devices. */
export function powerControl(record: LabRecord, node: string): PowerControl {
  const folders = diskAreas.map((area) => diskFolders(node)[area]);
  const inLab = (argv: readonly string[]) =>
    runOk(
      labCommand(record, node, argv),
      (message) => new ClusterError(`${node}: power cut: ${message}`),
      { timeoutMs: cutTimeoutMs },
    );
  const layers = record.needs.includes('io') ? layeredDisks(record, node) : undefined;
  return {
    // Data first: a table's page must not be newer than the WAL, as PostgreSQL itself guarantees.
    flush: async () => {
      // A layer takes an fsync of its mount point for the whole disk; syncfs ends at the layer.
      for (const folder of folders) await inLab(['sync', ...(layers ? [] : ['-f']), folder]);
    },
    cut: async () => {
      const machine = { name: node, shell: labShell(record, node) };
      // Power fails whether anything runs or not.
      if (await isProcessRunning(machine, 'node'))
        await signalProcesses(machine, 'node', 'SIGKILL');
      const mounts = diskAreas.map((area) => mountImage(node, area)).join(' && ');
      const args = [shutDown, layers ? 'yes' : 'no', ...folders];
      await inLab(['sh', '-c', `${cutScript}${mounts}`, 'sh', ...args]);
      if (layers) await layerDisks(layers);
    },
  };
}
