import type { FittedConfig, MemberSpec } from '../contracts/own-patroni.ts';
import { mapping } from './asked-parameters.ts';
import { type JsonObject, merge } from './dynamic-config.ts';

export interface MemberPlace {
  /** Default: that of the cluster that takes writes. */
  readonly scope?: string;
  readonly name: string;
  readonly address: string;
  /** By which others reach it; default: the address. */
  readonly host?: string;
  /** The member's own folder, writable by the account it runs as. */
  readonly folder: string;
  /** Default: `data` in the folder; pg_wal in it is a link to `walFolder` if that is given. */
  readonly dataFolder?: string;
  readonly walFolder?: string;
  readonly socketFolder: string;
  readonly postgresFolder: string;
  /** host:port of every member of the DCS, the nearest first. */
  readonly dcs: readonly string[];
  /** Patroni's own raft, of which this Patroni is no member: without an address of its own it does not vote. Absent: etcd. */
  readonly isRaft?: true;
  /** Network from which clients and replicas may connect. */
  readonly network: string;
  /** Password of superuser and replication; undefined: every TCP connection from `network` is trusted. */
  readonly password?: string;
  readonly ports: { readonly postgres: number; readonly patroni: number };
  /** Files, and how standbys and pg_rewind connect. Absent: without TLS. */
  readonly tls?: {
    readonly mode: string;
    readonly certificate: string;
    readonly key: string;
    readonly rootCertificate: string;
  };
  /** Absent: none, as without a device. */
  readonly watchdog?: { readonly mode: string; readonly driver: string; readonly device: string };
}

/** What the user's own configuration says of one member, beyond the dynamic configuration. */
export interface OwnMember extends MemberSpec {
  readonly fitted?: FittedConfig | undefined;
}

/** Name of the cluster in etcd: its keys are below `/service/forkpoint/`. */
export const scope = 'forkpoint';
export const dcsPrefix = prefixOf(scope);
/** The standby cluster's. */
export const standbyScope = 'forkpoint-standby';

export function prefixOf(ofScope: string): string {
  return `/service/${ofScope}/`;
}

/**
 * One member's configuration file.
 * Shape: JSON, which is YAML too.
 * `boot` is the dynamic configuration that the first leader writes to etcd.
 */
export function memberConfig(place: MemberPlace, boot: JsonObject, own?: OwnMember): string {
  const config = {
    scope: place.scope ?? scope,
    name: place.name,
    log: { dir: place.folder, level: 'INFO' },
    restapi: {
      listen: `${place.address}:${place.ports.patroni}`,
      connect_address: `${place.host ?? place.address}:${place.ports.patroni}`,
    },
    ...(place.isRaft
      ? { raft: { partner_addrs: place.dcs, data_dir: `${place.folder}/raft` } }
      : { etcd3: { hosts: place.dcs } }),
    bootstrap: {
      ...own?.fitted?.bootstrap,
      dcs: boot,
      // no-sync affects only initdb and pg_basebackup; the servers run with fsync on.
      initdb: [
        ...(own?.fitted?.initdb ?? ['data-checksums', { locale: 'C' }, { encoding: 'UTF8' }]),
        'no-sync',
        { auth: 'trust' },
        ...walOption(place),
      ],
    },
    postgresql: postgresConfig(place, own),
    ...((place.watchdog ?? own?.fitted) ? { watchdog: place.watchdog ?? { mode: 'off' } } : {}),
    ...(own && { tags: own.tags }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Options of initdb and pg_basebackup. */
function walOption({ walFolder }: MemberPlace) {
  return walFolder === undefined ? [] : [{ waldir: walFolder }];
}

function postgresConfig(place: MemberPlace, own: OwnMember | undefined): JsonObject {
  const { fitted } = own ?? {};
  const { tls } = place;
  const login: JsonObject = {
    ...(place.password !== undefined && { password: place.password }),
    ...(tls && { sslmode: tls.mode, sslrootcert: tls.rootCertificate }),
  };
  const lab: JsonObject = {
    listen: `0.0.0.0:${place.ports.postgres}`,
    connect_address: `${place.host ?? place.address}:${place.ports.postgres}`,
    data_dir: place.dataFolder ?? `${place.folder}/data`,
    bin_dir: place.postgresFolder,
    pgpass: `${place.folder}/pgpass`,
    use_unix_socket: true,
    use_unix_socket_repl: true,
    authentication: merge(
      {
        superuser: { username: 'postgres', ...login },
        replication: { username: 'replicator', ...login },
      },
      mapping(fitted?.authentication),
    ),
    basebackup: [...basebackupOf(fitted), { checkpoint: 'fast' }, 'no-sync', ...walOption(place)],
    parameters: {
      // With the user's own configuration, what it says is what every member shows.
      ...(!fitted && { log_line_prefix: '%m [%p] %q%a ' }),
      ...own?.parameters,
      unix_socket_directories: place.socketFolder,
      ...(tls && { ssl: 'on', ssl_cert_file: tls.certificate, ssl_key_file: tls.key }),
    },
    pg_hba: fitted?.pgHba ?? labHba(place),
  };
  return { ...fitted?.postgresql, ...lab };
}

function basebackupOf(fitted: FittedConfig | undefined): JsonObject[] {
  const { basebackup = [] } = fitted?.postgresql ?? {};
  return basebackup as unknown as JsonObject[];
}

function labHba({ network, password }: MemberPlace): readonly string[] {
  const method = password === undefined ? 'trust' : 'scram-sha-256';
  return [
    'local all all trust',
    'local replication all trust',
    `host all all 127.0.0.1/32 ${method}`,
    `host replication all 127.0.0.1/32 ${method}`,
    `host all all ${network} ${method}`,
    `host replication all ${network} ${method}`,
  ];
}
