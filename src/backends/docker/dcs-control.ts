import type { DcsControl } from '../../contracts/cluster.ts';
import { ports } from '../../machine/layout.ts';
import { startDetached } from '../../shells/docker/engine-shell.ts';
import { etcdControl } from '../etcd/control.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { etcdFolder } from './layout.ts';
import { etcdLog } from './logs.ts';

/** etcd's members, by their containers' names. The containers stay up: they hold the addresses and etcd's data. */
export function dcsControl(
  access: Access,
  boxes: readonly Box[],
  members: readonly Box[],
): DcsControl {
  const places = boxes.map((box) => ({
    name: box.name,
    target: access.http(box, ports.dcs),
    machine: { name: box.name, shell: access.shell(box) },
    address: box.address,
    folder: etcdFolder,
    start: () => startEtcd(box),
  }));
  const shells = new Map(members.map((box) => [box.name, access.shell(box)]));
  return etcdControl(places, (name) => {
    const shell = shells.get(name);
    if (!shell)
      throw new ScenarioError(`no node is called ${name}: ${[...shells.keys()].join(', ')}`);
    return { name, shell };
  });
}

/** etcd as the compose file's command runs it, with the service's own environment. */
export function startEtcd(box: Box): Promise<void> {
  return startDetached(box.name, box.container, [
    'bash',
    '-c',
    `exec forkpoint-entrypoint etcd >> ${etcdLog} 2>&1`,
  ]);
}
