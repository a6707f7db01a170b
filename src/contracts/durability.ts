import type { Json } from './json.ts';
import type { AskedOfMembers } from './own-patroni.ts';

/** One member's report about itself before the load. */
export interface MemberSettings {
  readonly node: string;
  readonly role: 'primary' | 'replica' | 'unknown';
  /** name -> value, as a session with the load's login sees them; parameters unknown to the server are absent. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Details of the parameters that the scenario sets. Absent: not read. */
  readonly types?: Readonly<Record<string, SettingType>>;
  /** Parameters that were asked of this member, over those of `ClusterSettings.asked`. Absent: none. */
  readonly asked?: Readonly<Record<string, string>>;
  /** State of WAL archiving; absent if it is off, or was not read. */
  readonly archiver?: ArchiverState;
  /** Whether the node has a watchdog device; undefined: not read. */
  readonly hasWatchdogDevice?: boolean;
  /** Why it could not be queried; then `parameters` is empty. */
  readonly problem?: string;
}

/** A parameter in pg_settings. */
export interface SettingType {
  readonly vartype: string;
  /** Unit of a bare number: 'kB', '8kB', 'ms'; '' without one. */
  readonly unit: string;
  /** Source of its value: 'configuration file', 'client', 'default'. */
  readonly source: string;
}

/** From pg_stat_archiver. */
export interface ArchiverState {
  readonly failed: number;
  readonly archived: number;
  /** Whether the last attempt failed. */
  readonly isFailing: boolean;
  /** '' if none has failed. */
  readonly lastFailedWal: string;
}

/** Which program decides the leader. `unknown`: not given, or it did not answer. */
export type FailoverManager =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'patroni';
      /** The dynamic configuration as Patroni returns it: absent keys have Patroni's defaults. */
      readonly config: Json;
      readonly version?: string;
      /** 'etcd 3.4.23'; undefined if unknown. */
      readonly dcs?: string;
    };

/** settings.json: the settings of a cluster before the load began. It contains no judgement. */
export interface ClusterSettings {
  readonly schemaVersion: 1;
  readonly members: readonly MemberSettings[];
  /** Whether `members` are all that a failover could go to. */
  readonly isComplete: boolean;
  readonly manager: FailoverManager;
  /** PostgreSQL parameters that the scenario sets. */
  readonly asked: Readonly<Record<string, string>>;
  /** What the user's own Patroni configuration asks for beyond parameters. Absent: there is none. */
  readonly own?: OwnSettings;
}

/** The user's own configuration, and whether members run it. */
export interface OwnSettings extends Pick<AskedOfMembers, 'config'> {
  readonly differences: readonly OwnDifference[];
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

/** A tag, a line of pg_hba.conf or a role that a member does not have as it was asked for. */
export interface OwnDifference {
  readonly node: string;
  /** 'tag nofailover', 'pg_hba', 'role app'. */
  readonly setting: string;
  readonly asked: string;
  readonly found: string;
}

/** ok: keeps the promise of a commit; risk: acknowledged writes or redundancy can be lost; defect: a promise is broken already. */
export type DurabilityLevel = 'ok' | 'risk' | 'defect' | 'unknown';

/** One setting, or several that only have a meaning together. */
export interface DurabilityRow {
  readonly setting: string;
  /** The primary's value; 'unknown' if it could not be read. */
  readonly value: string;
  /** Members with another value. */
  readonly differs: readonly { readonly node: string; readonly value: string }[];
  /** Its promise or cost, in words. */
  readonly promise: string;
  readonly level: DurabilityLevel;
}

/** How much of what was acknowledged a failover or a crash may lose, by the settings alone. */
export interface LossPromise {
  /** null: unknown. */
  readonly mayLose: boolean | null;
  /** Bounds that add up: `bytes` of WAL and the writes of `seconds`. null: no bound, or none known. */
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** 'nothing', 'up to 1MB + 30s of writes'. */
  readonly text: string;
}

/** The promise of a cluster's settings. */
export interface Durability {
  readonly promise: LossPromise;
  readonly rows: readonly DurabilityRow[];
  /** Parameters that the scenario sets and the primary does not have in force. */
  readonly notInForce: readonly string[];
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}
