import type { Durability } from '../durability.ts';
import type { Replacement } from '../own-patroni.ts';

/** Which run it was, of what, on what, and how to repeat it. */
export interface RunSection {
  readonly schemaVersion: 1;
  readonly scenario: string;
  readonly claim: string;
  readonly runId: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly versions: {
    readonly forkpoint: string;
    readonly node: string;
    readonly postgres: string;
    readonly patroni: string;
    readonly dcs: string;
  };
  readonly backend: string;
  /** Where the load's clients ran; null when there was no cluster, or the run is of a version that did not say. */
  readonly clients: ClientPlace | null;
  readonly phases: Readonly<
    Record<
      | 'bootMs'
      | 'seedMs'
      | 'loadMs'
      | 'healMs'
      | 'convergeMs'
      | 'readBackMs'
      | 'judgeMs'
      | 'teardownMs',
      number | null
    >
  >;
  /** name -> value of the settings that decide durability, as the primary ran them when the load began. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the cluster's settings promise; null when they were not read. */
  readonly durability: Durability | null;
  /** What else a reader must know of the cluster, a sentence each: that it was paused, or differs from what was planned. */
  readonly notes: readonly string[];
  /** The user's own Patroni configuration, and what the lab ran otherwise; null: the scenario gave none. */
  readonly configuration: RanConfiguration | null;
  /** What was planned, in words, as `forkpoint check` prints it; null: an older version ran it. */
  readonly plan: string | null;
  /** Runs the scenario as it is today; `replay` of the run's folder repeats the run itself. */
  readonly reproduce: string;
  /** What the command line changed in the scenario, sorted: `load.duration=5s`, `image=postgres:17`. */
  readonly overrides: readonly string[];
  /** `<scenario>/<UTC time>` below the reports folder; null: an older version ran it. */
  readonly folder: string | null;
  /** The run whose plan this one repeated; null for a run from a scenario file. */
  readonly replayOf: ReplayOrigin | null;
}

export interface ReplayOrigin {
  readonly runId: string;
  readonly startedAt: string;
}

/** A client site by name, and what it is: 'a client namespace'. */
export interface ClientPlace {
  readonly site: string;
  readonly where: string;
}

export interface RanConfiguration {
  readonly file: string;
  /** SHA-256 of the file that members were booted with. */
  readonly digest: string;
  readonly replaced: readonly Replacement[];
}
