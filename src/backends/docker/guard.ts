import { fileURLToPath } from 'node:url';
import type { Guard } from '../../contracts/cluster.ts';
import { guardMachines } from '../../machine/dead-man.ts';
import { ballastFiles } from '../../machine/disk.ts';
import { localShell } from '../../shells/local.ts';
import { machineHealing } from '../../machine/machine-healing.ts';
import type { Access } from './access.ts';
import { clockFile } from './clock-file.ts';
import type { Parts } from './parts.ts';
import type { Box } from './containers.ts';
import { settingsFiles } from '../../machine/io.ts';
import { disks, folder } from './layout.ts';
import { shapingFolder } from './shaping-control.ts';
import { ownModule } from '../../std/own-module.ts';

const unpauseProgram = fileURLToPath(ownModule('./unpause', import.meta.url));

/** Timers in the containers that faults harm, which stay up when this process dies. Load's are none of them. */
export function guardBoxes(
  access: Access,
  {
    members,
    dcs,
    proxies,
    sink,
    consumers,
    hasClock,
    hasLayers,
  }: Pick<Parts, 'members' | 'dcs' | 'proxies' | 'sink' | 'consumers' | 'hasClock' | 'hasLayers'>,
  owner: string,
): Promise<Guard> {
  const beside = [sink, consumers].filter((box) => box !== undefined);
  const machines = [...members, ...dcs, ...proxies, ...beside].map((box) => ({
    name: box.name,
    mark: '/run/forkpoint.healed',
    healing: machineHealing({
      shapingFolder,
      ballast: members.includes(box) || box === sink ? ballastFiles(disks) : [],
      clockFile: hasClock && members.includes(box) ? clockFile : undefined,
      ioFiles: hasLayers && members.includes(box) ? settingsFiles(folder) : [],
    }),
    shell: access.shell(box),
  }));
  return guardMachines(machines, owner);
}

/**
 * A single server is frozen with its whole container, and a timer in it would freeze too: this one runs beside the harness
 * and uses the engine.
 */
export function guardSingle({ name, container }: Box, owner: string): Promise<Guard> {
  const unpause = `'${process.execPath}' '${unpauseProgram}' ${container.id}`;
  const machine = {
    name,
    mark: '',
    healing: `look() { :; }\nheal() { ${unpause}; }`,
    shell: localShell,
  };
  return guardMachines([machine], owner);
}
