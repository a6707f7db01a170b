import type { CapabilityName, Node } from '../../contracts/cluster.ts';
import type { MachineFinding } from '../../contracts/finding.ts';
import { probeMachine } from '../../machine/probe.ts';
import type { ShelledMachine } from '../../machine/run-script.ts';
import { faketimeLibrary } from './clock-file.ts';

/** The nodes of a lab share one kernel, one set of files and one user: a result for one holds for all of them. */
export function sharedProbe(machine: ShelledMachine): NonNullable<Node['probe']> {
  const asked = new Map<string, Promise<readonly MachineFinding[]>>();
  return (needs?: readonly CapabilityName[]) => {
    const key = needs?.toSorted().join(' ') ?? 'all';
    const found =
      asked.get(key) ?? probeMachine(machine, { for: needs, faketime: faketimeLibrary() });
    asked.set(key, found);
    return found;
  };
}
