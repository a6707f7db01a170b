import type { DcsControl } from '../../contracts/cluster.ts';
import type { Place } from '../../machine/layout.ts';
import { isProcessRunning, processState, signalProcesses } from '../../machine/processes.ts';
import { ScenarioError } from '../../std/errors.ts';
import { startEtcd } from './daemons.ts';
import { labShell } from './enter.ts';
import type { LabRecord } from './record.ts';

/**
 * etcd's members, by name. The first three share the nodes' namespaces, but only the etcd process is signalled: they
 * represent a DCS with machines of its own.
 */
export function dcsControl(record: LabRecord): DcsControl {
  const { dcs } = record.layout;
  const machineOf = (name: string) => ({ name, shell: labShell(record, name) });
  return {
    members: dcs.map(({ name }) => name),
    state: (member) => processState(machineOf(placeOf(dcs, member).name), 'etcd'),
    signal: (member, signal) => {
      const { name } = placeOf(dcs, member);
      return signalProcesses(machineOf(name), 'etcd', signal);
    },
    start: async (member) => {
      const place = placeOf(dcs, member);
      // With a data directory it rejoins and ignores --initial-cluster-state.
      if (!(await isProcessRunning(machineOf(place.name), 'etcd'))) await startEtcd(record, place);
    },
  };
}

function placeOf(places: readonly Place[], member: string): Place {
  const place = places.find(({ name }) => name === member);
  if (place) return place;
  const known = places.map(({ name }) => name).join(', ');
  throw new ScenarioError(`no etcd member is called ${member}: ${known}`);
}
