import type { NetworkControl, Proof, Rule } from '../../contracts/cluster.ts';
import { hostNetworkControl } from '../../machine/host-network.ts';
import type { ShelledMachine } from '../../machine/run-script.ts';
import { allPaths, pathsCutBy, proofOf, reachedBy } from './cut-proof.ts';
import type { Machines } from './machines.ts';

/** The shortest time in which a busy machine answers, or it is cut: short, for a heal waits for it. */
const cutSeconds = 1;

/** Packet rules on one machine, which are in force only where trying says so: many firewalls stand before them. */
export function externalNetwork(machine: ShelledMachine, machines: Machines): NetworkControl {
  const control = hostNetworkControl(machine, () => machines.surroundings(machine.name));
  const applied = new Map<string, readonly Rule[]>();
  return {
    connections: (peers, service) => control.connections(peers, service),
    reset: (connections) => control.reset(connections),
    holds: (tag) => control.holds(tag),
    apply: async (tag, rules) => {
      await machines.before();
      await control.apply(tag, rules);
      applied.set(tag, rules);
    },
    clear: async (tag) => {
      await control.clear(tag);
      applied.delete(tag);
    },
    prove: async (tag): Promise<Proof | undefined> => {
      const rules = applied.get(tag);
      if (!rules) return undefined;
      const whole = rules.filter((rule) => !isPartial(rule));
      if (whole.length === 0) return countProof(machine.name, await control.lost(tag));
      const layout = await machines.layout();
      const paths = pathsCutBy(machine.name, whole, layout, allPaths(layout));
      const now = await reachedBy(machines.origins(), paths, cutSeconds);
      return proofOf(paths, await machines.before(), now);
    },
  };
}

/** What is tried with a new connection and small packets passes all the same. */
function isPartial({ probability, minBytes, connection }: Rule): boolean {
  return probability !== undefined || minBytes !== undefined || connection !== undefined;
}

function countProof(name: string, met: number): Proof {
  const tried = [`${name}: its rules met ${met} packets`];
  return met > 0 ? { tried } : { tried, doubt: `its rules on ${name} have met no packet` };
}
