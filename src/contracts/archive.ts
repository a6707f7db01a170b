/** The archive of WAL that a lab's nodes write to: where it is, what a run found in it, and what became of its restores. */

import type { NodeReading } from './evidence/read-back.ts';

/** Of a cluster that is up. */
export interface WalArchive {
  /** As this host reaches it. `wal/`: the files; `refused/`: what would have been another content of one of them; `pushes`: a line each. */
  readonly folder: string;
  /** It is a repository of pgBackRest, in `repo/`. Absent: the folder has the files themselves. */
  readonly pgbackrest?: PgBackRest;
}

export interface PgBackRest {
  readonly program: string;
  /** Of the cluster. */
  readonly stanza: string;
  /** Runs a command of it beside a node, as the account of the servers. Errors: ClusterError with what it said. */
  run(node: string, command: readonly string[], signal: AbortSignal): Promise<void>;
}

/** A file of the archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** What the header of a segment says it holds; null: it has none. Absent: it is no segment. */
  readonly holds?: WalPlace | null;
  /** Its content has the checksum that its name in pgBackRest's repository says. Absent: its name says none. */
  readonly isAsNamed?: boolean;
}

export interface WalPlace {
  readonly timeline: number;
  readonly lsn: string;
}

/** What the archive_command of a lab noted. */
export interface ArchivePush {
  readonly node: string;
  readonly name: string;
  readonly sha256: string;
  /** again: the archive had the same content. refused: it had another one. */
  readonly how: 'archived' | 'again' | 'refused';
}

/** Where recovery was to end: at the end of the archive, or where the final primary's timeline begins. */
export type RestoreTarget = 'end' | 'fork';

/** A base backup of before the load, with the WAL of the archive. */
export interface Restore {
  readonly to: RestoreTarget;
  /** Of the fork: where it lies. */
  readonly lsn?: string;
  /** Where recovery ended; null: the server did not come up, and `reading` says why. */
  readonly reached: WalPlace | null;
  /** PostgreSQL itself ended the recovery, because the archive does not have what it needs; absent: it did not. */
  readonly isRefused?: true;
  readonly reading: NodeReading;
}

/** archive.json */
export interface ArchiveEvidence {
  readonly schemaVersion: 1;
  readonly runId: string;
  /** Why nothing could be restored or looked at; then the rest is absent. */
  readonly reason?: string;
  readonly found?: ArchiveFound;
}

export interface ArchiveFound {
  readonly segmentBytes: number;
  /** Where a restore of the base backup begins to read. */
  readonly from: WalPlace;
  /** The end of the final primary's WAL, closed by a switch of the segment. */
  readonly end: WalPlace;
  /** Of the final primary's timeline, oldest first: `lsn` is where the next one begins. */
  readonly ancestors: readonly WalPlace[];
  readonly files: readonly ArchivedFile[];
  /** Absent: nothing noted who archived what, because it is not the lab's own command that archives, or an older version. */
  readonly isNoted?: true;
  readonly pushes: readonly ArchivePush[];
  readonly restores: readonly Restore[];
}
