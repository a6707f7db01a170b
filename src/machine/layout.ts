import type { Service } from '../contracts/cluster.ts';

/** One member, etcd member or client site, and its address in the cluster's own network. */
export interface Place {
  readonly name: string;
  readonly address: string;
  /** Its other addresses, of either family. */
  readonly others?: readonly string[];
  /** A node of the standby cluster. */
  readonly isOfStandby?: true;
  /** Where its services listen, if not on the usual ports. */
  readonly servicePorts?: ServicePorts;
}

export type ServicePorts = Readonly<Record<Exclude<Service, 'all'>, readonly number[]>>;

/** Every peer that a packet rule can name. */
export interface Layout {
  /** PostgreSQL members. */
  readonly nodes: readonly Place[];
  /** Where etcd members run; on some backends these are nodes too. */
  readonly dcs: readonly Place[];
  /** Where load workers run. */
  readonly sites: readonly Place[];
  /** Where HAProxy and PgBouncer run; absent: nowhere. */
  readonly proxies?: readonly Place[];
  /** Where the sink of consumers runs; absent: there is none. */
  readonly sinks?: readonly Place[];
}

/** The programs' usual ports: each member has its own address. */
export const ports = { postgres: 5432, patroni: 8008, dcs: 2379, dcsPeer: 2380 } as const;

export const usualPorts: ServicePorts = {
  postgres: [ports.postgres],
  patroni: [ports.patroni],
  dcs: [ports.dcs, ports.dcsPeer],
};

export const siteNames = ['clients', 'minority'] as const;
