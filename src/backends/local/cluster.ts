import type {
  Cluster,
  LockReader,
  Machine,
  Node,
  StandbyControl,
} from '../../contracts/cluster.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { patroniControl } from '../../patroni/control.ts';
import { Observer } from '../../patroni/observer.ts';
import { EtcdLocks } from '../../patroni/etcd-locks.ts';
import { prefixOf, standbyScope } from '../../patroni/member-config.ts';
import { standbyControl, type Upstream } from '../../patroni/standby-cluster.ts';
import { RestLocks } from '../../patroni/rest-locks.ts';
import { StandbyLocks } from '../../patroni/standby-locks.ts';
import { readTopology } from '../../patroni/topology.ts';
import { relaySocket } from './daemons.ts';
import { dcsControl } from './dcs-control.ts';
import { layeredDisks } from './disk-layers.ts';
import { dataFolder, diskFolders } from './disks.ts';
import { etcdMembers } from './etcd-members.ts';
import { clientSite, hostPath, labShell, socketFolder } from './enter.ts';
import { type Place, ports } from '../../machine/layout.ts';
import { collectLogs } from './logs.ts';
import { powerControl } from './power-control.ts';
import type { LabRecord } from './record.ts';
import { certificateControl } from '../../machine/certificates.ts';
import { clockControl } from '../../machine/clock.ts';
import { diskControl } from '../../machine/disk.ts';
import { fileControl } from '../../machine/files.ts';
import { ioControl } from '../../machine/io.ts';
import { networkControl } from '../../machine/network.ts';
import { processControl } from '../../machine/processes.ts';
import { rewindControl } from '../../machine/rewind.ts';
import { sharedProbe } from './probe.ts';
import { clockFile } from './clock-file.ts';
import { startPatroni, watchdogPipe } from './daemons.ts';
import { labFolder } from './layout.ts';
import { hasNames, hostOf, nameControl } from './names.ts';
import { archiveOf } from './archive.ts';
import { certificatePlace } from './tls.ts';
import { proxyFiles } from './proxies.ts';
import { proxyControl } from '../../routes/proxy-control.ts';
import { sinkOf } from './sink.ts';
import { localShaping } from './shaping-control.ts';
import { sqlControl } from '../../machine/sql.ts';
import { secondClusterControl } from '../../machine/second-cluster.ts';
import { strayControl } from '../../machine/stray-server.ts';
import { tagControl } from '../../machine/tags.ts';

/** A lab as a cluster, made from its record alone. `end` is called when it is disposed. */
export function clusterOf(record: LabRecord, end: () => Promise<void>): Cluster {
  const members = patroniMembers(record);
  const following = patroniMembers(record, true);
  const [first] = record.layout.nodes;
  const [sink] = record.layout.sinks ?? [];
  const name = first?.name ?? '';
  const probe = sharedProbe({ name, shell: labShell(record, name) });
  const nodes = record.layout.nodes.map((place) => nodeOf(record, place, probe));
  const locks = locksOf(record);
  const observers = new Map(
    nodes.map(({ name, observer }) => [name, new Observer(observer, record.credentials)]),
  );
  return {
    id: record.id,
    backend: record.backend,
    record,
    nodes,
    sites: record.layout.sites.map(({ name }) => clientSite(record, name)),
    credentials: record.credentials,
    versions: record.versions,
    ...(record.routes && { routes: record.routes }),
    ...(record.layout.proxies && {
      proxies: record.layout.proxies.map(({ name }) => proxyOf(record, name)),
    }),
    ...(sink && { sink: sinkOf(record, sink) }),
    ...(record.needs.includes('archive') && { archive: archiveOf(record) }),
    patroni: patroniControl(members, undefined, following),
    ...(following.length > 0 && { standby: standbyOf(record) }),
    ...(!record.tools.raft && { dcs: dcsControl(record) }),
    topology: (signal) => readTopology(observers, locks, signal),
    collectLogs: (directory) => collectLogs(record, directory),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...observers.values()].map((observer) => observer[Symbol.asyncDispose]()));
      await end();
    },
  };
}

/** Of the cluster that takes writes, or of the one that follows it. */
export function patroniMembers(record: LabRecord, ofStandby = false): readonly PatroniMember[] {
  return placesOf(record, ofStandby).map(({ name }) => ({
    node: name,
    target: { socketPath: hostPath(record, relaySocket(name, 'patroni')) },
  }));
}

/** How a standby cluster follows the other one. */
export function upstreamOf(record: LabRecord, ofStandby: boolean): Upstream {
  const addresses = placesOf(record, ofStandby).map(({ address }) => address);
  return { addresses, port: ports.postgres };
}

function placesOf({ layout }: LabRecord, ofStandby: boolean): readonly Place[] {
  return layout.nodes.filter(({ isOfStandby = false }) => isOfStandby === ofStandby);
}

function locksOf(record: LabRecord): LockReader {
  // Only a member of raft can read it, and a fourth one would be another quorum.
  if (record.tools.raft) return new RestLocks(patroniMembers(record));
  const etcd = etcdMembers(record);
  const locks = new EtcdLocks(etcd);
  if (placesOf(record, true).length === 0) return locks;
  return new StandbyLocks(locks, new EtcdLocks(etcd, prefixOf(standbyScope)));
}

function standbyOf(record: LabRecord): StandbyControl {
  return standbyControl({
    etcd: etcdMembers(record),
    members: patroniMembers(record, true),
    upstream: upstreamOf(record, true),
  });
}

/** Its packets, and its program's own commands: it is started with the lab, and ends with it. */
function proxyOf(record: LabRecord, name: string): Machine {
  const shell = labShell(record, name);
  return {
    name,
    shell,
    proxy: proxyControl(name, proxyFiles),
    network: networkControl({ name, shell }, record.layout),
    shaping: localShaping(record, name),
  };
}

function nodeOf(record: LabRecord, place: Place, probe: NonNullable<Node['probe']>): Node {
  const { name, isOfStandby } = place;
  const shell = labShell(record, name);
  const machine = { name, shell };
  const observer = { host: hostPath(record, socketFolder(name)), port: ports.postgres };
  return {
    name,
    ...(isOfStandby && { isOfStandby }),
    endpoint: {
      host: hostOf(record, place),
      port: ports.postgres,
      ...(record.tls && { tls: record.tls }),
    },
    observer,
    watchdogDevice: watchdogPipe(name),
    shell,
    probe,
    process: processControl(machine, () => startPatroni(record, name)),
    network: networkControl(machine, record.layout),
    stray: strayControl({
      ...machine,
      dataFolder: dataFolder(name),
      log: `${labFolder}/${name}/stray.log`,
    }),
    ...(!record.tools.raft && {
      secondCluster: secondClusterControl({
        ...machine,
        configuration: `${labFolder}/${name}/patroni.yml`,
        patroni: record.tools.patroni.path,
      }),
    }),
    tags: tagControl({ ...machine, file: `${labFolder}/${name}/patroni.yml` }),
    ...(record.tls && {
      certificates: certificateControl(certificatePlace(record, place)),
    }),
    ...(hasNames(record) && { names: nameControl(record, place) }),
    shaping: localShaping(record, name),
    files: fileControl({
      ...machine,
      dataFolder: dataFolder(name),
      snapshots: `${labFolder}/${name}/snapshots`,
    }),
    rewind: rewindControl({
      ...machine,
      dataFolder: dataFolder(name),
      programs: record.tools.postgres.path,
      folder: labFolder,
    }),
    sql: sqlControl(observer, record.credentials),
    disk: diskControl({ ...machine, disks: diskFolders(name) }),
    ...(record.needs.includes('clock') && { clock: clockControl(machine, clockFile(name)) }),
    ...(record.needs.includes('io') && { io: ioControl(layeredDisks(record, name)) }),
    ...(record.needs.includes('power') && { power: powerControl(record, name) }),
  };
}
