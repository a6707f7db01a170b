import type { Json } from './json.ts';

type Mapping = Readonly<Record<string, Json>>;

/** One entry of the user's own Patroni configuration that a lab runs otherwise, or not at all. */
export interface Replacement {
  /** Dotted path in the file: 'postgresql.pg_hba[2]'. */
  readonly key: string;
  /** null: nothing in the file is meant. */
  readonly line: number | null;
  /** As the file has it, on one line, without secrets; '' where the file says nothing. */
  readonly given: string;
  /** What the lab runs in its place; null: nothing. */
  readonly instead: string | null;
  readonly why: string;
}

/** `cluster.config`: a member's file (patroni.yml) as the user wrote it. */
export interface OwnPatroni {
  /** Absolute, once it has been read. */
  readonly file: string;
  /** Absent until it has been read: parsing a scenario opens no other file. */
  readonly read?: ReadConfig;
}

/** The file as it was when the run was planned. No secret is in it: a run reads the file again. */
export interface ReadConfig {
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string;
  readonly content: Json;
  readonly replaced: readonly Replacement[];
  /** PostgreSQL parameters of the members' own files, which override the dynamic configuration. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The scenario's own values, which override the file's. */
  readonly scenario: { readonly patroni: Mapping; readonly synchronous?: string };
}

/** `cluster.members`: what one member's file says beyond the others'. */
export interface MemberSpec {
  readonly tags: Mapping;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The user's file as a lab can run it. It may hold secrets. */
export interface FittedConfig {
  /** Dynamic configuration, without `synchronous_mode`. */
  readonly dynamic: Mapping;
  readonly synchronous?: 'off' | 'on' | 'strict' | 'quorum';
  /** Keys of the member's file below `postgresql`, without parameters, pg_hba and authentication. */
  readonly postgresql: Mapping;
  readonly parameters: Readonly<Record<string, string>>;
  /** Every line, those that the lab puts first included. Absent: the lab's own. */
  readonly pgHba?: readonly string[];
  readonly tags: Mapping;
  readonly initdb?: readonly Json[];
  /** Further keys below `bootstrap`. */
  readonly bootstrap: Mapping;
  /** `replication` and `rewind`. */
  readonly authentication: Mapping;
  readonly replaced: readonly Replacement[];
}

/** The names in a file that a lab may have or lack. */
export interface WantedNames {
  readonly programs: readonly string[];
  readonly parameters: readonly string[];
}

/** What a lab's machines have. Each answer is undefined where that is not known before the boot. */
export interface LabContents {
  /** Method of the lab's own lines in pg_hba.conf. */
  readonly method: 'trust' | 'scram-sha-256';
  readonly postgres?: string;
  readonly patroni?: string;
  hasProgram(name: string): boolean | undefined;
  /** A library that PostgreSQL can load. */
  hasLibrary(name: string): boolean | undefined;
  hasParameter(name: string): boolean | undefined;
  hasLocale(name: string): boolean | undefined;
}

/** What members were told by the user's own configuration, to be compared with what they run. */
export interface AskedOfMembers {
  /** Absent: only `cluster.members` says something. */
  readonly config?: {
    readonly file: string;
    readonly digest: string;
    readonly replaced: readonly Replacement[];
  };
  readonly pgHba?: readonly string[];
  readonly roles: readonly string[];
  readonly members: Readonly<Record<string, MemberSpec>>;
  /** Takes the file's secrets out of a text. */
  readonly mask: (text: string) => string;
}
