import type { JsonObject } from './dynamic-config.ts';

export interface MemberPlace {
  readonly name: string;
  readonly address: string;
  /** The member's own folder, writable by the account it runs as. */
  readonly folder: string;
  /** Default: `data` in the folder; pg_wal in it is a link to `walFolder` if that is given. */
  readonly dataFolder?: string;
  readonly walFolder?: string;
  readonly socketFolder: string;
  readonly postgresFolder: string;
  /** host:port of every etcd member, the nearest first. */
  readonly etcd: readonly string[];
  /** Network from which clients and replicas may connect. */
  readonly network: string;
  /** Password of superuser and replication; undefined: every TCP connection from `network` is trusted. */
  readonly password?: string;
  readonly ports: { readonly postgres: number; readonly patroni: number };
}

/** Name of the cluster in etcd: its keys are below `/service/forkpoint/`. */
export const scope = 'forkpoint';
export const dcsPrefix = `/service/${scope}/`;

/**
 * One member's configuration file.
 * Shape: JSON, which is YAML too.
 * `boot` is the dynamic configuration that the first leader writes to etcd.
 */
export function memberConfig(place: MemberPlace, boot: JsonObject): string {
  const config = {
    scope,
    name: place.name,
    log: { dir: place.folder, level: 'INFO' },
    restapi: {
      listen: `${place.address}:${place.ports.patroni}`,
      connect_address: `${place.address}:${place.ports.patroni}`,
    },
    etcd3: { hosts: place.etcd },
    bootstrap: {
      dcs: boot,
      // no-sync affects only initdb and pg_basebackup; the servers run with fsync on.
      initdb: [
        'data-checksums',
        'no-sync',
        { locale: 'C' },
        { encoding: 'UTF8' },
        { auth: 'trust' },
        ...walOption(place),
      ],
    },
    postgresql: postgresConfig(place),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Options of initdb and pg_basebackup. */
function walOption({ walFolder }: MemberPlace) {
  return walFolder === undefined ? [] : [{ waldir: walFolder }];
}

function postgresConfig(place: MemberPlace) {
  const { password } = place;
  const secret = password === undefined ? {} : { password };
  const method = password === undefined ? 'trust' : 'scram-sha-256';
  return {
    listen: `0.0.0.0:${place.ports.postgres}`,
    connect_address: `${place.address}:${place.ports.postgres}`,
    data_dir: place.dataFolder ?? `${place.folder}/data`,
    bin_dir: place.postgresFolder,
    pgpass: `${place.folder}/pgpass`,
    use_unix_socket: true,
    use_unix_socket_repl: true,
    authentication: {
      superuser: { username: 'postgres', ...secret },
      replication: { username: 'replicator', ...secret },
    },
    basebackup: [{ checkpoint: 'fast' }, 'no-sync', ...walOption(place)],
    parameters: {
      unix_socket_directories: place.socketFolder,
      log_line_prefix: '%m [%p] %q%a ',
    },
    pg_hba: [
      'local all all trust',
      'local replication all trust',
      `host all all 127.0.0.1/32 ${method}`,
      `host replication all 127.0.0.1/32 ${method}`,
      `host all all ${place.network} ${method}`,
      `host replication all ${place.network} ${method}`,
    ],
  };
}
