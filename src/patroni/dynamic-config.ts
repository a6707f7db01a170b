import type { Json } from '../contracts/json.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import { EnvironmentError, ScenarioError } from '../std/errors.ts';

export type JsonObject = Readonly<Record<string, Json>>;

/** Patroni's own defaults, written out so that every run's configuration is complete. */
export const patroniDefaults: JsonObject = {
  ttl: 30,
  loop_wait: 10,
  retry_timeout: 10,
  maximum_lag_on_failover: 1_048_576,
};

/**
 * The settings of every lab's servers beyond PostgreSQL's defaults, which are the durable ones. Replication timeouts are
 * short, because a broken connection would otherwise be noticed only after a minute; wal_log_hints is on, because pg_rewind
 * needs it where checksums are off.
 */
export const labParameters: Readonly<Record<string, string>> = {
  max_connections: '300',
  shared_buffers: '64MB',
  wal_log_hints: 'on',
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_retrieve_retry_interval: '200ms',
};

/** Keys of Patroni's `postgresql` section. */
export const labPostgresql = { use_pg_rewind: true, use_slots: true } as const;

const synchronousModes: Readonly<Record<ClusterSpec['synchronous'], JsonObject>> = {
  off: {},
  on: { synchronous_mode: true },
  strict: { synchronous_mode: true, synchronous_mode_strict: true },
  quorum: { synchronous_mode: 'quorum' },
};

/** Patroni's dynamic configuration of a scenario's cluster. Units: Patroni's own, seconds and bytes. */
export function dynamicConfig(spec: ClusterSpec): JsonObject {
  const base = { ...patroniDefaults, ...synchronousModes[spec.synchronous] };
  // The user's own configuration is tested as it is: what it does not say is PostgreSQL's and Patroni's default.
  const lab = spec.config
    ? base
    : { ...base, postgresql: { ...labPostgresql, parameters: labParameters } };
  return merge(merge(lab, spec.patroni), { postgresql: { parameters: spec.parameters } });
}

/** Keys that older versions store, echo and ignore. Source: Patroni's release notes. */
const newerKeys: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  failsafe_mode: [3, 0],
  member_slots_ttl: [4, 0],
  primary_race_backoff: [4, 1],
};

/** The minimum to which Patroni raises a lower value. Source: Patroni 3.2, config.py, _validate_and_adjust_timeouts. */
const leastSeconds = { ttl: 20, loop_wait: 1, retry_timeout: 3 } as const;

/**
 * Errors: EnvironmentError when this Patroni does not know a mode that the scenario sets; ScenarioError when it would
 * run with other times than the scenario sets.
 */
export function requireSupport(spec: ClusterSpec, patroniVersion: string): void {
  const [major = 0, minor = 0] = patroniVersion.split('.').map(Number);
  for (const [key, [since, sinceMinor]] of Object.entries(newerKeys)) {
    if (spec.patroni[key] === undefined) continue;
    if (major > since || (major === since && minor >= sinceMinor)) continue;
    throw new ScenarioError(
      `cluster.patroni.${key}: needs Patroni ${since}.${sinceMinor}, and ${patroniVersion} would ignore it`,
    );
  }
  if (major > 3 || (major === 3 && minor >= 2)) requireLeastTimes(spec, patroniVersion);
  if (spec.synchronous !== 'quorum' || major >= 4) return;
  throw new EnvironmentError(
    `synchronous: quorum needs Patroni 4.0 or later, but this is ${patroniVersion}. ` +
      'Name a later one with FORKPOINT_PATRONI, or use synchronous: on.',
  );
}

function requireLeastTimes(spec: ClusterSpec, patroniVersion: string): void {
  const wanted = dynamicConfig(spec);
  for (const [key, least] of Object.entries(leastSeconds)) {
    const value = wanted[key];
    if (typeof value === 'number' && value >= least) continue;
    throw new ScenarioError(
      `cluster.patroni.${key}: ${JSON.stringify(value)} is below ${least}, and Patroni ${patroniVersion} would run ` +
        `with ${least} instead`,
    );
  }
  const needed = Number(wanted.loop_wait) + 2 * Number(wanted.retry_timeout);
  if (needed <= Number(wanted.ttl)) return;
  throw new ScenarioError(
    `cluster.patroni: loop_wait + 2 * retry_timeout is ${needed}, more than ttl ${Number(wanted.ttl)}: ` +
      `Patroni ${patroniVersion} would shorten the first two until they fit`,
  );
}

/** Whether `have` contains everything in `wanted`; further keys do not matter. */
export function includes(have: Json | undefined, wanted: Json): boolean {
  if (!isObject(wanted)) return JSON.stringify(have) === JSON.stringify(wanted);
  return (
    isObject(have) && Object.keys(wanted).every((key) => includes(have[key], wanted[key] ?? null))
  );
}

/** Objects are merged key by key, as Patroni does with a PATCH; anything else is replaced. */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
  }
  return merged;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
