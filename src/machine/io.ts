import { readFileSync } from 'node:fs';
import type { DiskArea, IoControl, IoHarm } from '../contracts/cluster.ts';
import { type DiskPlace, diskAreas } from './disk.ts';
import { runScript } from './run-script.ts';

const layerProgram = readFileSync(new URL('disk-layer.py', import.meta.url), 'utf8');

/** A node whose disks lie under layers. The settings of the layers are files that no fault of a disk can reach. */
export interface LayeredDisks extends Pick<DiskPlace, 'name' | 'disks' | 'shell'> {
  settings(area: DiskArea): string;
}

const mountScript = 'exec python3 -IS -c "$1" "$2" "$3" "$4"';

/**
 * $1: settings; $2: their text; $3: the beginning of every text of this tag; $4: mount point. A layer reads its settings
 * before each request, also of one for its free space, and then says what it has read.
 */
const harmScript = `
found=$(cat "$1" 2>/dev/null)
case $found in ''|"$3"*) ;; *) echo "another fault holds this disk: $found" >&2; exit 1 ;; esac
printf %s "$2" > "$1.new" && mv "$1.new" "$1" && stat -f "$4" >/dev/null || exit 1
[ "$(cat "$1.seen" 2>/dev/null)" = "$2" ] || { echo "no layer over $4 reads $1" >&2; exit 1; }`;

const healScript = 'case $(cat "$1" 2>/dev/null) in "$2"*) rm -f "$1" ;; esac';

const holdsScript = `
stat -f "$3" >/dev/null || exit 1
for one in "$1" "$1.seen"; do
  case $(cat "$one" 2>/dev/null) in "$2"*) ;; *) echo no; exit ;; esac
done
echo yes`;

/** What the page cache holds of a disk's files would be read without the disk. */
const dropCache = `
import os, stat, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                continue
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)
`;
const dropScript = 'exec python3 -IS -c "$1" "$2"';

/** Mounts the layers over a node's disks. Nothing may be open there yet. Errors: ClusterError with the system's message. */
export async function layerDisks(machine: LayeredDisks): Promise<void> {
  for (const area of diskAreas) {
    const [folder, settings] = [machine.disks[area], machine.settings(area)];
    const args = [layerProgram, folder, settings, `fp-disk-${area}`] as const;
    await runScript(machine, `layer over the ${area} disk`, [mountScript, ...args]);
  }
}

/** Acts on the disks through their layers. */
export function ioControl(machine: LayeredDisks): IoControl {
  return {
    harm: async (area, tag, harm) => {
      const { disks } = machine;
      if (harm.kind === 'error' && harm.operations.includes('read')) {
        await runScript(machine, `empty the cache of the ${area} disk`, [
          dropScript,
          dropCache,
          disks[area],
        ]);
      }
      const text = settingsText(tag, harm);
      const args = [machine.settings(area), text, beginningOf(tag), disks[area]] as const;
      await runScript(machine, `${harm.kind} of the ${area} disk`, [harmScript, ...args]);
    },
    heal: async (area, tag) => {
      const args = [machine.settings(area), beginningOf(tag)] as const;
      await runScript(machine, `heal the ${area} disk`, [healScript, ...args]);
    },
    holds: async (area, tag) => {
      const args = [machine.settings(area), beginningOf(tag), machine.disks[area]] as const;
      const said = await runScript(machine, `look at the ${area} disk`, [holdsScript, ...args]);
      return said.trim() === 'yes';
    },
  };
}

/** Files of the settings of a node's layers, in a folder of the node's own. */
export function settingsFiles(folder: string): readonly string[] {
  return diskAreas.map((area) => settingsFile(folder, area));
}

export function settingsFile(folder: string, area: DiskArea): string {
  return `${folder}/${area}-disk.json`;
}

/** As disk-layer.py reads it; the tag comes first. */
export function settingsText(tag: string, harm: IoHarm): string {
  return `${beginningOf(tag)},${JSON.stringify(instructions(harm)).slice(1)}`;
}

function beginningOf(tag: string): string {
  return JSON.stringify({ tag }).slice(0, -1);
}

function instructions(harm: IoHarm) {
  switch (harm.kind) {
    case 'stall':
      return { operations: harm.operations, stall: true };
    case 'error':
      return { operations: harm.operations, error: true };
    case 'lost-fsync':
      return { operations: ['fsync'], lie: true };
    case 'slow': {
      const { operations, latencyMs, bytesPerSecond } = harm;
      return { operations, delayMs: latencyMs, bytesPerSecond };
    }
  }
}
