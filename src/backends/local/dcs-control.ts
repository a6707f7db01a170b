import type { DcsControl } from '../../contracts/cluster.ts';
import { etcdControl } from '../etcd/control.ts';
import { startEtcd } from './daemons.ts';
import { etcdMember } from './etcd-members.ts';
import { labShell } from './enter.ts';
import { labFolder } from './layout.ts';
import type { LabRecord } from './record.ts';

/**
 * etcd's members, by name. The first three share the nodes' namespaces, but only the etcd process is signalled: they
 * represent a DCS with machines of its own.
 */
export function dcsControl(record: LabRecord): DcsControl {
  const machineOf = (name: string) => ({ name, shell: labShell(record, name) });
  const places = record.layout.dcs.map((place) => ({
    ...etcdMember(record, place),
    machine: machineOf(place.name),
    address: place.address,
    folder: `${labFolder}/${place.name}/etcd`,
    // With a data directory it rejoins and ignores --initial-cluster-state.
    start: () => startEtcd(record, place),
  }));
  return etcdControl(places, machineOf);
}
