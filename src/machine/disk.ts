import { z } from 'zod';
import type { DiskArea, DiskControl } from '../contracts/cluster.ts';
import type { BackendKeys } from '../contracts/scenario.ts';
import type { Shell } from '../contracts/shell.ts';
import { ClusterError, EnvironmentError } from '../std/errors.ts';
import { size } from '../std/units/units.ts';

export const diskAreas: readonly DiskArea[] = ['data', 'wal'];

/**
 * Shell: sets free to the bytes that are free in $1. Not by df: it asks for the mount point, which by another process' root, as in a
 * pod, is none of its own.
 */
const free = `blocks=$(stat -f -c '%a * %S' "$1") && free=$(($blocks))`;

/**
 * Makes the ballast, $3, so large that $2 bytes stay free in $1. It grows or shrinks in place, so that filling again never frees
 * space in between. The server writes meanwhile, so the free space changes. Each step takes most of the rest: the last
 * step ends before the server can take much, and if it did, there is another step.
 */
const fillScript = `
[ -e "$3" ] || : > "$3"
tries=0
while [ $tries -lt 200 ]; do
  ${free} || exit 1
  have=$(stat -c %s "$3" 2>/dev/null || echo 0)
  size=$((have + free - $2))
  [ $size -gt 0 ] || size=0
  if [ $size -le $have ]; then
    [ $size -eq $have ] || truncate -s $size "$3"
    exit
  fi
  step=$(((size - have) / 8 * 7))
  [ $step -lt 1048576 ] || { fallocate -l $((have + step)) "$3"; continue; }
  fallocate -l $size "$3" 2>/dev/null && exit
  tries=$((tries + 1))
done
exit 1`;

/** An unmounted disk is an error, not a missing ballast. */
const lookScript = `[ -d "$1" ] || { echo "$1 is not there" >&2; exit 1; }
if [ -e "$2" ]; then echo yes; else echo no; fi
${free} && echo "$free"`;

/** A node and the mount points of its disks. */
export interface DiskPlace {
  readonly name: string;
  readonly disks: Readonly<Record<DiskArea, string>>;
  /** Name of the ballast; default: a name for disks that only labs have. */
  readonly ballast?: string;
  /** Runs commands where the disks are mounted. */
  readonly shell: Shell;
}

/** Fills a disk with a file beside the data; the disk is the node's own and of limited size. */
export function diskControl({ name, disks, ballast, shell }: DiskPlace): DiskControl {
  const fileIn = (area: DiskArea) => ballastOf(disks[area], ballast);
  const runOk = async (what: string, argv: readonly string[]) => {
    const { exitCode, stderr } = await shell.run(argv);
    if (exitCode === 0) return;
    throw new ClusterError(`${name}: ${what}: exit code ${exitCode}: ${stderr.trim()}`);
  };
  return {
    fill: (area, leaveBytes) =>
      runOk(`fill the ${area} disk`, [
        ...['sh', '-c', fillScript, 'sh', disks[area], String(Math.max(0, Math.ceil(leaveBytes)))],
        fileIn(area),
      ]),
    look: async (area) => {
      const { exitCode, stdout, stderr } = await shell.run([
        'sh',
        '-c',
        lookScript,
        'sh',
        disks[area],
        fileIn(area),
      ]);
      const [ballast, free] = stdout.trim().split('\n');
      if (exitCode === 0) return { hasBallast: ballast === 'yes', freeBytes: Number(free) };
      throw new ClusterError(
        `${name}: look at the ${area} disk's ballast: exit code ${exitCode}: ${stderr.trim()}`,
      );
    },
    free: (area) => runOk(`free the ${area} disk`, ['rm', '-f', fileIn(area)]),
  };
}

/** The ballast files of both disks. */
export function ballastFiles(disks: DiskPlace['disks'], ballast?: string): readonly string[] {
  return [...new Set(diskAreas.map((area) => ballastOf(disks[area], ballast)))];
}

function ballastOf(folder: string, ballast = '.ballast'): string {
  return `${folder}/${ballast}`;
}

/** PostgreSQL's own files and its first WAL take this much. */
const smallestBytes = 64 * 1024 ** 2;

/** `disk:` in `cluster:`, of the backends that make disks. */
export const diskParams = z.strictObject({
  disk: size
    .refine((bytes) => bytes >= smallestBytes, 'must be at least 64MB')
    .exactOptional()
    .describe("Size of each of a node's two disks, data and WAL: 512MB."),
});

/**
 * Of each of a member's two disks, as mount writes it: what the scenario says, else the environment.
 * Errors: EnvironmentError for a size that is none.
 */
export function diskSize(
  own: BackendKeys | undefined,
  variable: 'FORKPOINT_DOCKER_DISK' | 'FORKPOINT_LOCAL_DISK',
): string {
  const { disk } = (own?.params ?? {}) as z.output<typeof diskParams>;
  if (disk !== undefined) return String(disk);
  const named = process.env[variable] ?? '2g';
  if (/^\d+[kmg]$/.test(named)) return named;
  throw new EnvironmentError(`${variable}=${named}: needs a size such as 512m or 2g`);
}
