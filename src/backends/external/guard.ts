import type { CapabilityName, Cluster } from '../../contracts/cluster.ts';
import { guardMachines } from '../../machine/dead-man.ts';
import { machineHealing } from '../../machine/machine-healing.ts';
import type { Machines } from './machines.ts';
import { machineHarms } from './params.ts';

/** Lost at the machine's next boot, as are packet rules and stopped processes. */
export const mark = '/run/forkpoint.healed';
export const shapingFolder = '/run/forkpoint-shaping';

/** Timers on every machine, where the plan does anything to machines: the cluster outlives this process. */
export function guardOf({
  machines,
  needs,
}: {
  readonly machines: Machines;
  readonly needs: readonly CapabilityName[];
}): Pick<Cluster, 'guard'> {
  if (!needs.some((need) => machineHarms.includes(need))) return {};
  const guarded = machines.names.flatMap((name) => {
    const shell = machines.shell(name);
    return shell ? [{ name, mark, healing: healingOf(), shell }] : [];
  });
  return { guard: (owner) => guardMachines(guarded, owner) };
}

/** Bash: `look` and `heal` of one machine. */
export function healingOf(): string {
  return machineHealing({ shapingFolder, ballast: [] });
}
