import type { ClusterSettings, MemberSettings } from '../../contracts/durability.ts';
import type { Json } from '../../contracts/json.ts';
import { standbysWaitedFor } from './standby-names.ts';

export type SynchronousMode = 'off' | 'on' | 'quorum';

/** Patroni's dynamic configuration with its defaults filled in. Units as the names say. */
export interface PatroniFacts {
  readonly mode: SynchronousMode;
  readonly isStrict: boolean;
  readonly nodeCount: number;
  readonly maximumLagBytes: number;
  readonly ttlSeconds: number;
  readonly loopWaitSeconds: number;
  readonly retryTimeoutSeconds: number;
  readonly isFailsafe: boolean;
  readonly primaryStartTimeoutSeconds: number;
  /** undefined: the dynamic configuration does not say, and a member's own file may. */
  readonly usesRewind: boolean | undefined;
  readonly version: string | undefined;
  readonly dcs: string | undefined;
}

/** What rows and the promise are made of. */
export interface Facts {
  readonly settings: ClusterSettings;
  readonly primary: MemberSettings | undefined;
  readonly answered: readonly MemberSettings[];
  readonly replicas: number;
  readonly patroni: PatroniFacts | undefined;
  /** The weakest among the members that answered: any of them may lead. undefined: none answered. */
  readonly commit: CommitLevel | undefined;
  /** How many standbys the primary's COMMIT waits for by its own settings. */
  readonly waitedFor: number;
  readonly writerDelayMs: number;
}

export const commitLevels = ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const;
export type CommitLevel = (typeof commitLevels)[number];

/** Whether a COMMIT waits for standbys at all where there are some to wait for. */
export function waitsForStandbys(commit: CommitLevel): boolean {
  return commitLevels.indexOf(commit) >= commitLevels.indexOf('remote_write');
}

/** `asked`: what the load sets in its own transactions, whatever the servers say. */
export function factsOf(settings: ClusterSettings, asked?: CommitLevel): Facts {
  const answered = settings.members.filter(({ problem }) => problem === undefined);
  const primaries = answered.filter(({ role }) => role === 'primary');
  const primary = primaries.length === 1 ? primaries[0] : undefined;
  const { manager } = settings;
  return {
    settings,
    primary,
    answered,
    replicas: settings.members.length - 1,
    patroni: manager.kind === 'patroni' ? patroniFacts(manager) : undefined,
    commit: asked ?? weakest(answered.flatMap(({ parameters }) => commitOf(parameters) ?? [])),
    waitedFor: standbysWaitedFor(primary?.parameters.synchronous_standby_names ?? ''),
    writerDelayMs: milliseconds(primary?.parameters.wal_writer_delay ?? '200ms'),
  };
}

export function commitOf(parameters: MemberSettings['parameters']): CommitLevel | undefined {
  return commitLevels.find((level) => level === parameters.synchronous_commit);
}

function weakest(levels: readonly CommitLevel[]): CommitLevel | undefined {
  return commitLevels.find((level) => levels.includes(level));
}

// Defaults: Patroni, config.py (__DEFAULT_CONFIG); master_start_timeout is the older name.
function patroniFacts(manager: {
  readonly config: Json;
  readonly version?: string;
  readonly dcs?: string;
}): PatroniFacts {
  const config = objectOf(manager.config);
  const postgresql = objectOf(config.postgresql);
  const rewind = postgresql.use_pg_rewind;
  const startTimeout = config.primary_start_timeout ?? config.master_start_timeout;
  return {
    mode: modeOf(config.synchronous_mode),
    isStrict: isOn(config.synchronous_mode_strict),
    nodeCount: numberOf(config.synchronous_node_count, 1),
    maximumLagBytes: numberOf(config.maximum_lag_on_failover, 1_048_576),
    ttlSeconds: numberOf(config.ttl, 30),
    loopWaitSeconds: numberOf(config.loop_wait, 10),
    retryTimeoutSeconds: numberOf(config.retry_timeout, 10),
    isFailsafe: isOn(config.failsafe_mode),
    primaryStartTimeoutSeconds: numberOf(startTimeout, 300),
    usesRewind: rewind === undefined || rewind === null ? undefined : isOn(rewind),
    version: manager.version,
    dcs: manager.dcs,
  };
}

function modeOf(value: Json | undefined): SynchronousMode {
  if (value === 'quorum') return 'quorum';
  return isOn(value) ? 'on' : 'off';
}

/** As YAML and Patroni's parse_bool take it. */
function isOn(value: Json | undefined): boolean {
  return value === true || /^(true|on|yes|1)$/i.test(scalar(value));
}

function numberOf(value: Json | undefined, byDefault: number): number {
  const number = Number(scalar(value) || NaN);
  return Number.isFinite(number) ? number : byDefault;
}

function scalar(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function objectOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}

/** Shape: as PostgreSQL prints a time: '200ms', '1s', '1min'. */
function milliseconds(text: string): number {
  const [, amount = '', unit = 'ms'] = /^(\d+)(ms|s|min)?$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1_000, min: 60_000 }[unit] ?? 1;
  return Number(amount) * factor;
}
