import type { BootOptions } from '../../contracts/backend.ts';
import type { Cluster, Credentials, Machine, Node } from '../../contracts/cluster.ts';
import type { EtcdMember } from '../../patroni/lock-state.ts';
import { Observer } from '../../patroni/observer.ts';
import { patroniControl } from '../../patroni/control.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { EtcdLocks } from '../../patroni/etcd-locks.ts';
import { readTopology } from '../../patroni/topology.ts';
import { ports } from '../../machine/layout.ts';
import { clockControl } from '../../machine/clock.ts';
import { foreignRewind } from '../../machine/foreign-rewind.ts';
import { fileControl } from '../../machine/files.ts';
import { networkControl } from '../../machine/network.ts';
import { probeMachine } from '../../machine/probe.ts';
import { processControl } from '../../machine/processes.ts';
import { sqlControl } from '../../machine/sql.ts';
import { strayControl } from '../../machine/stray-server.ts';
import { tagControl } from '../../machine/tags.ts';
import { clockFile } from './clock-file.ts';
import { dataFolder, patroniFile, snapshots } from './layout.ts';
import { engineShell } from '../../shells/docker/engine-shell.ts';
import type { Box } from './containers.ts';
import { dcsControl } from './dcs-control.ts';
import { diskControl } from './disk-control.ts';
import { limitsControl } from './limits.ts';
import { layeredDisks } from './disk-layers.ts';
import { ioControl } from '../../machine/io.ts';
import { guardBoxes } from './guard.ts';
import { collectLogs, strayLog } from './logs.ts';
import { proxyFiles } from './proxies.ts';
import { proxyControl } from '../../routes/proxy-control.ts';
import { dockerShaping, gatewayOf } from './shaping-control.ts';
import type { Parts } from './parts.ts';
import { recordOf } from './record.ts';
import { sinkOf } from './sink.ts';
import { siteOf, thisHost } from './sites.ts';

/** Containers as a cluster. Once it is disposed, nothing is sent to their addresses: others may have them by then. */
export function clusterOf(options: Pick<BootOptions, 'id'>, parts: Parts): Cluster {
  const { access, members, dcs, clients, proxies, routes, password } = parts;
  const credentials = { user: 'postgres', password, database: 'postgres' };
  const logged = [...members, ...dcs, ...proxies, ...(parts.sink ? [parts.sink] : [])];
  const closed = new AbortController();
  const patroni = patroniMembers(parts);
  const locks = new EtcdLocks(etcdMembers(parts));
  const nodes = members.map((box) => nodeOf(parts, box, { id: options.id, credentials }));
  const observers = new Map(
    nodes.map(({ name, observer }) => [name, new Observer(observer, credentials)]),
  );
  const sink = sinkOf(parts, credentials);
  const open = (signal: AbortSignal) => AbortSignal.any([signal, closed.signal]);
  return {
    id: options.id,
    backend: 'docker',
    nodes,
    credentials,
    versions: parts.versions,
    record: recordOf(options.id),
    ...(routes.length > 0 && { routes }),
    ...(proxies.length > 0 && { proxies: proxies.map((box) => proxyOf(parts, box)) }),
    ...(sink && { sink }),
    guard: (owner) => guardBoxes(access, parts, owner),
    sites: clients.length > 0 ? clients.map((box) => siteOf(access, box)) : [thisHost],
    patroni: patroniControl(patroni, open),
    dcs: dcsControl(access, dcs, members),
    topology: (signal) => readTopology(observers, locks, open(signal)),
    collectLogs: (directory) => collectLogs(access, logged, directory),
    [Symbol.asyncDispose]: async () => {
      closed.abort(new Error(`cluster ${options.id} is gone`));
      await Promise.all([...observers.values()].map((observer) => observer[Symbol.asyncDispose]()));
      await parts.end();
    },
  };
}

export function patroniMembers({ access, members }: Parts): readonly PatroniMember[] {
  return members.map((box) => ({ node: box.name, target: access.http(box, ports.patroni) }));
}

export function etcdMembers({ access, dcs }: Parts): readonly EtcdMember[] {
  return dcs.map((box) => ({ name: box.name, target: access.http(box, ports.dcs) }));
}

/** Its packets, and its program's own commands: it is started with the cluster, and ends with it. */
function proxyOf({ access, layout }: Parts, box: Box): Machine {
  const machine = { name: box.name, shell: access.shell(box) };
  return {
    name: box.name,
    shell: engineShell(box.name, box.container),
    proxy: proxyControl(box.name, proxyFiles),
    probe: (needs) => probeMachine(machine, { for: needs }),
    network: networkControl(machine, layout),
    shaping: dockerShaping(access, box, gatewayOf(layout)),
  };
}

function nodeOf(
  parts: Parts,
  box: Box,
  { id, credentials }: { readonly id: string; readonly credentials: Credentials },
): Node {
  const { access, layout } = parts;
  const machine = { name: box.name, shell: access.shell(box) };
  return {
    name: box.name,
    endpoint: access.endpoint(box),
    observer: access.observer(box),
    // By the engine, so that commands get the container's own environment and host name.
    shell: engineShell(box.name, box.container),
    image: box.image,
    probe: (needs) => probeMachine(machine, { for: needs }),
    process: processControl(machine, () => parts.startPatroni(box)),
    network: networkControl(machine, layout),
    stray: strayControl({ ...machine, dataFolder, log: strayLog }),
    tags: tagControl({ ...machine, file: patroniFile }),
    shaping: dockerShaping(access, box, gatewayOf(layout)),
    files: fileControl({ ...machine, dataFolder, snapshots }),
    // By this host's root: a container's own may not mount.
    ...(access.kind === 'namespaces' && { rewind: foreignRewind(machine, id) }),
    disk: diskControl(access, box),
    limits: limitsControl(box),
    ...(parts.hasLayers && { io: ioControl(layeredDisks(access, box)) }),
    ...(parts.hasClock && { clock: clockControl(machine, clockFile) }),
    sql: sqlControl(access.observer(box), credentials),
  };
}
