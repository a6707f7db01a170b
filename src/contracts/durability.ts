import type { Json } from './json.ts';

/** What one member said of itself before the load. */
export interface MemberSettings {
  readonly node: string;
  readonly role: 'primary' | 'replica' | 'unknown';
  /** name -> value, as a session with the load's login sees them; what the server does not know is absent. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the parameters that the scenario asks for. Absent: nobody asked. */
  readonly types?: Readonly<Record<string, SettingType>>;
  /** How WAL archiving goes; absent where it is off, or nobody looked. */
  readonly archiver?: ArchiverState;
  /** Whether the node has a watchdog device; undefined: nobody could look. */
  readonly hasWatchdogDevice?: boolean;
  /** Why it could not be asked; then `parameters` is empty. */
  readonly problem?: string;
}

/** What the server says of a parameter, from pg_settings. */
export interface SettingType {
  readonly vartype: string;
  /** What a bare number counts in: 'kB', '8kB', 'ms'; '' where there is none. */
  readonly unit: string;
  /** Where its value comes from: 'configuration file', 'client', 'default'. */
  readonly source: string;
}

/** From pg_stat_archiver. */
export interface ArchiverState {
  readonly failed: number;
  readonly archived: number;
  /** The last attempt failed. */
  readonly isFailing: boolean;
  /** '' where none has failed. */
  readonly lastFailedWal: string;
}

/** Who decides which server leads. `unknown`: nobody said, or it did not answer. */
export type FailoverManager =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'patroni';
      /** The dynamic configuration as Patroni gives it: what is absent has Patroni's own default. */
      readonly config: Json;
      readonly version?: string;
      /** 'etcd 3.4.23'; undefined where nobody said. */
      readonly dcs?: string;
    };

/** settings.json: what a cluster ran with before the load began. Nothing is decided in it. */
export interface ClusterSettings {
  readonly schemaVersion: 1;
  readonly members: readonly MemberSettings[];
  /** Whether `members` are all that a failover could go to. */
  readonly isComplete: boolean;
  readonly manager: FailoverManager;
  /** PostgreSQL's parameters that the scenario asked for. */
  readonly asked: Readonly<Record<string, string>>;
}

/** ok: keeps what a commit promises; risk: acknowledged writes or redundancy can go; defect: a promise is broken already. */
export type DurabilityLevel = 'ok' | 'risk' | 'defect' | 'unknown';

/** One setting, or some that only mean something together. */
export interface DurabilityRow {
  readonly setting: string;
  /** As the primary runs it; 'unknown' where nobody could tell. */
  readonly value: string;
  /** Members that run another value. */
  readonly differs: readonly { readonly node: string; readonly value: string }[];
  /** What it promises or costs, in words. */
  readonly promise: string;
  readonly level: DurabilityLevel;
}

/** How much of what was acknowledged a failover or a crash may lose, by the settings alone. */
export interface LossPromise {
  /** null: it cannot be told. */
  readonly mayLose: boolean | null;
  /** Bounds that add up: `bytes` of WAL and what was written in `seconds`. null: no bound, or none known. */
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** 'nothing', 'up to 1MB + 30s of writes'. */
  readonly text: string;
}

/** What a cluster's settings promise. */
export interface Durability {
  readonly promise: LossPromise;
  readonly rows: readonly DurabilityRow[];
  /** Parameters that the scenario asked for and the primary does not run. */
  readonly notInForce: readonly string[];
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}
