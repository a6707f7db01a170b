import type { RouteEntry, Versions } from '../../contracts/cluster.ts';
import type { BootConfig } from '../../scenario/own-patroni/settle.ts';
import type { Layout } from '../../machine/layout.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';

/** The running containers of one cluster, and the access to them. */
export interface Parts {
  readonly access: Access;
  readonly layout: Layout;
  readonly members: readonly Box[];
  readonly dcs: readonly Box[];
  readonly clients: readonly Box[];
  /** Of the PostgreSQL that consumers write to. Absent: the cluster was booted without one. */
  readonly sink?: Box;
  /** Of these consumers. Absent: there are none, or they run on this host. */
  readonly consumers?: Box;
  /** Of HAProxy and PgBouncer. */
  readonly proxies: readonly Box[];
  /** Where the routes through them lead; none for a cluster that another process booted. */
  readonly routes: readonly RouteEntry[];
  readonly password: string;
  readonly versions: Versions;
  /** Whether members were started under a clock that can be set. */
  readonly hasClock: boolean;
  /** Whether layers lie over the members' disks, for faults of disks. */
  readonly hasLayers: boolean;
  /** What its members are told; absent for a cluster that another process booted. */
  readonly own?: BootConfig;
  startPatroni(box: Box): Promise<void>;
  /** Once the cluster is up. Errors: ClusterError with the last lines of a proxy's log. */
  startProxies?(signal: AbortSignal): Promise<void>;
  /** Given by the creator: removes everything. */
  end(): Promise<void>;
}
