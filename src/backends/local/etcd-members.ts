import type { Place } from '../../machine/layout.ts';
import type { EtcdMember } from '../../patroni/lock-state.ts';
import { relaySocket } from './daemons.ts';
import { hostPath } from './enter.ts';
import type { LabRecord } from './record.ts';

export function etcdMembers(record: LabRecord): readonly EtcdMember[] {
  return record.layout.dcs.map((place) => etcdMember(record, place));
}

export function etcdMember(record: LabRecord, { name }: Pick<Place, 'name'>): EtcdMember {
  return { name, target: { socketPath: hostPath(record, relaySocket(name, 'dcs')) } };
}
