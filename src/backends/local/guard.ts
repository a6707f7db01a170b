import type { Guard } from '../../contracts/cluster.ts';
import { guardMachines } from '../../machine/dead-man.ts';
import { machineHealing } from '../../machine/machine-healing.ts';
import { ballastFiles } from '../../machine/disk.ts';
import { settingsFiles } from '../../machine/io.ts';
import { clockFile } from './clock-file.ts';
import { diskFolders } from './disks.ts';
import { labShell } from './enter.ts';
import { allPlaces, consumersSite, labFolder } from './layout.ts';
import { shapingFolder } from './shaping-control.ts';
import type { LabRecord } from './record.ts';

/** Timers in the namespaces of a lab that another process holds: it stays up when this one dies. */
export function guardLab(record: LabRecord, owner: string): Promise<Guard> {
  const sites = new Set(record.layout.sites.map(({ name }) => name));
  const nodes = new Set(record.layout.nodes.map(({ name }) => name));
  const filled = new Set([...nodes, ...(record.layout.sinks ?? []).map(({ name }) => name)]);
  const machines = allPlaces(record.layout)
    // Of the sites, faults harm that of the consumers alone.
    .filter(({ name }) => name === consumersSite || !sites.has(name))
    .map(({ name }) => ({
      name,
      mark: `/run/forkpoint-${name}.healed`,
      healing: machineHealing({
        shapingFolder: shapingFolder(name),
        ballast: filled.has(name) ? ballastFiles(diskFolders(name)) : [],
        clockFile: record.needs.includes('clock') && nodes.has(name) ? clockFile(name) : undefined,
        ioFiles:
          record.needs.includes('io') && nodes.has(name)
            ? settingsFiles(`${labFolder}/${name}`)
            : [],
      }),
      shell: labShell(record, name),
    }));
  return guardMachines(machines, owner);
}
