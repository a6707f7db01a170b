import { isIPv4 } from 'node:net';
import type { ShapingControl } from '../../contracts/cluster.ts';
import type { ShelledMachine } from '../../machine/run-script.ts';
import { shapingControl } from '../../machine/shaping.ts';
import { portMatches } from '../../machine/shaping-exempt.ts';
import { ClusterError } from '../../std/errors.ts';
import { shapingFolder } from './guard.ts';
import type { Machines } from './machines.ts';

/** Queues on the card of one machine, by the kernel alone. Our own connection waits for none of them. */
export function externalShaping(machine: ShelledMachine, machines: Machines): ShapingControl {
  const control = async (): Promise<ShapingControl> => {
    const { device, way } = await machines.facts(machine.name);
    if (device === undefined) {
      throw new ClusterError(`${machine.name}: no network card with its address was found`);
    }
    const exempt = way && isIPv4(way.address) ? portMatches('sport', way.port, way.address) : [];
    return shapingControl({ ...machine, folder: shapingFolder, device, exempt, hasRelay: false });
  };
  return {
    shape: async (tag, shape) => (await control()).shape(tag, shape),
    unshape: async (tag) => (await control()).unshape(tag),
    holds: async (tag) => (await control()).holds(tag),
  };
}
