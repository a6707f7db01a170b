import type { DcsControl } from '../../contracts/cluster.ts';
import { patroniConnectedTo } from '../../machine/connected-to.ts';
import { giveBack, isTakenAway, takeAway } from '../../machine/kept-data.ts';
import { ports } from '../../machine/layout.ts';
import { isProcessRunning, processState, signalProcesses } from '../../machine/processes.ts';
import type { ShelledMachine } from '../../machine/run-script.ts';
import { endSlowDown, isSlowedDown, slowDown } from '../../machine/slow-process.ts';
import {
  compactEtcd,
  defragmentEtcd,
  etcdLeader,
  hasNoSpace,
  setNoSpace,
} from '../../patroni/etcd-maintenance.ts';
import type { EtcdMember } from '../../patroni/lock-state.ts';
import { ClusterError, ScenarioError } from '../../std/errors.ts';
import { allDone } from '../../std/wait.ts';

/** One member of etcd and its machine. */
export interface EtcdPlace extends EtcdMember {
  readonly machine: ShelledMachine;
  readonly address: string;
  /** Of its data, with room for a second one beside it. */
  readonly folder: string;
  /** Starts it, with the data that is there or with nothing. */
  start(): Promise<void>;
}

/** Members of etcd, by the backend's names. `machineOf`: the machine of a node. */
export function etcdControl(
  places: readonly EtcdPlace[],
  machineOf: (node: string) => ShelledMachine,
): DcsControl {
  const placeOf = (member: string): EtcdPlace => {
    const place = places.find(({ name }) => name === member);
    if (place) return place;
    const known = places.map(({ name }) => name).join(', ');
    throw new ScenarioError(`no etcd member is called ${member}: ${known}`);
  };
  /** All members end, their data is replaced, and all begin again: one alone could not join the others with other data. */
  const replaceAll = async (replace: (place: EtcdPlace) => Promise<void>): Promise<void> => {
    await allDone(
      places.map(async (place) => {
        if (await isProcessRunning(place.machine, 'etcd')) {
          await signalProcesses(place.machine, 'etcd', 'SIGKILL');
        }
      }),
    );
    await allDone(places.map(replace));
    await allDone(places.map((place) => place.start()));
  };
  const restoreData = async (id: string): Promise<void> => {
    const kept = places.map(({ machine, folder }) => isTakenAway(machine, folder, id));
    if (!(await Promise.all(kept)).includes(true)) return;
    await replaceAll(({ machine, folder }) => giveBack(machine, folder, id));
  };
  return {
    members: places.map(({ name }) => name),
    state: (member) => processState(placeOf(member).machine, 'etcd'),
    signal: (member, signal) => signalProcesses(placeOf(member).machine, 'etcd', signal),
    start: async (member) => {
      const place = placeOf(member);
      if (!(await isProcessRunning(place.machine, 'etcd'))) await place.start();
    },
    leader: (signal) => etcdLeader(places, signal),
    memberOf: async (node) => {
      const addresses = await patroniConnectedTo(machineOf(node), ports.dcs);
      const member = places.find(({ address }) => address === addresses[0]);
      if (member) return member.name;
      const seen = addresses.join(', ') || 'none';
      throw new ClusterError(`${node}: Patroni has no connection to a member of etcd: ${seen}`);
    },
    slow: (member, turns) => slowDown(placeOf(member).machine, 'etcd', turns),
    hasten: (member) => endSlowDown(placeOf(member).machine, 'etcd'),
    isSlow: (member) => isSlowedDown(placeOf(member).machine, 'etcd'),
    loseData: async (id) => {
      try {
        await replaceAll(({ machine, folder }) => takeAway(machine, folder, id));
      } catch (error) {
        // Members with data and members without could not make one cluster.
        await restoreData(id);
        throw error;
      }
    },
    restoreData,
    noSpace: (isRaised, signal) => setNoSpace(places, isRaised, signal),
    hasNoSpace: (signal) => hasNoSpace(places, signal),
    compact: async (signal) => {
      const revision = await compactEtcd(places, signal);
      await defragmentEtcd(places, signal);
      return revision;
    },
  };
}
