import type { CapabilityName } from '../contracts/cluster.ts';

/** The capabilities that faults can need, in display order. */
export const capabilityWords: Readonly<Record<CapabilityName, string>> = {
  process: 'kill, freeze, start',
  stray: 'a server past Patroni',
  secondCluster: 'a second cluster of the same scope',
  tags: "Patroni's tags of a node, while it runs",
  certificates: "a server's certificate",
  names: "a node's name in the DNS",
  network: 'packet rules',
  files: 'snapshot of the data',
  rewind: 'hold of pg_rewind',
  disk: 'fill and free data, WAL',
  io: 'stall, slow down, fail a disk',
  shaping: 'latency, bandwidth',
  clock: 'skew',
  shell: "commands on the node's machine",
  sql: 'statements, parameters',
  dcs: "the DCS members' processes",
  power: "power cut of a node's disks",
  limits: 'cores and memory of a node',
  pod: 'delete, evict',
  proxy: 'HAProxy: drain; PgBouncer: pause',
  volume: 'removal of PersistentVolumeClaims',
  scale: 'replicas of a StatefulSet',
  host: 'cordon of a Kubernetes node',
  chaos: 'experiments of Chaos Mesh',
  sink: 'a PostgreSQL beside the cluster',
  consumers: 'a machine of their own for what writes to the sink',
  archive: 'a folder for WAL beside the cluster',
  standby: 'promotion of a standby cluster',
  neighbours: 'eviction of other pods',
  patroni: 'switchover, failover, pause',
};

export const capabilityNames = Object.keys(capabilityWords) as readonly CapabilityName[];
