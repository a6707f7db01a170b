import type { CapabilityName, Cluster } from '../../contracts/cluster.ts';
import { guardMachines } from '../../machine/dead-man.ts';
import { machineHealing } from '../../machine/machine-healing.ts';
import { lacks } from '../../std/errors.ts';
import type { Machines } from './machines.ts';
import { machineHarms } from './params.ts';

/** Lost at the machine's next boot, as are packet rules and stopped processes. */
export const mark = '/run/forkpoint.healed';
export const shapingFolder = '/run/forkpoint-shaping';

/** Timers on the machines that the plan may act on: the cluster outlives this process. */
export function guardOf({
  machines,
  needs,
}: {
  readonly machines: Machines;
  readonly needs: readonly CapabilityName[];
}): Pick<Cluster, 'guard'> {
  if (!needs.some((need) => machineHarms.includes(need))) return {};
  return {
    guard: async (owner, isNeeded) => {
      const guarded = await Promise.all(
        machines.metBy(needs).map(async (name) => {
          const shell = machines.shell(name) ?? lacks({ name }, 'shell');
          return { name, mark, healing: await healingOf(name, machines), shell };
        }),
      );
      return guardMachines(guarded, owner, isNeeded);
    },
  };
}

/** Bash: `look` and `heal` of one machine. Errors: as `Machines.facts`. */
export async function healingOf(name: string, machines: Machines): Promise<string> {
  const { device } = await machines.facts(name);
  return machineHealing({
    shapingFolder,
    device,
    ballast: machines.ballast(name),
    stopsProcesses: machines.nodes.includes(name),
    holdsRewind: machines.mayHoldRewind(name),
    isPod: machines.access(name)?.process !== undefined,
  });
}
