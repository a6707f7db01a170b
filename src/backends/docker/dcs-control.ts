import type { DcsControl } from '../../contracts/cluster.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import { startDetached } from '../../shells/docker/engine-shell.ts';
import type { Box } from './containers.ts';
import { etcdLog } from './logs.ts';
import { isProcessRunning, processState, signalProcesses } from '../../machine/processes.ts';

/** etcd's members, by their containers' names. The containers stay up: they hold the addresses and etcd's data. */
export function dcsControl(access: Access, boxes: readonly Box[]): DcsControl {
  const boxOf = (member: string) => {
    const box = boxes.find(({ name }) => name === member);
    if (box) return box;
    const known = boxes.map(({ name }) => name).join(', ');
    throw new ScenarioError(`no etcd member is called ${member}: ${known}`);
  };
  const machineOf = (member: string) => ({ name: member, shell: access.shell(boxOf(member)) });
  return {
    members: boxes.map(({ name }) => name),
    state: (member) => processState(machineOf(member), 'etcd'),
    signal: (member, signal) => signalProcesses(machineOf(member), 'etcd', signal),
    start: async (member) => {
      if (await isProcessRunning(machineOf(member), 'etcd')) return;
      await startEtcd(boxOf(member));
    },
  };
}

/** etcd as the compose file's command runs it, with the service's own environment. */
export function startEtcd(box: Box): Promise<void> {
  return startDetached(box.name, box.container, [
    'bash',
    '-c',
    `exec forkpoint-entrypoint etcd >> ${etcdLog} 2>&1`,
  ]);
}
