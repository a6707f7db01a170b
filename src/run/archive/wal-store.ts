import type { ArchivedFile, ArchivePush, WalPlace } from '../../contracts/archive.ts';
import type { Recovery } from '../../salvage/standalone.ts';

/** A base backup and the archive of WAL that goes on from it. Disposing it removes what it made on this host. */
export interface WalStore extends AsyncDisposable {
  /** The servers' major version: '17'. */
  readonly version: string;
  /** Where a restore of the backup begins to read WAL. */
  readonly from: WalPlace;
  /** Whether it is noted who archived what. */
  readonly isNoted: boolean;
  /** Segments and timeline histories, by name. Errors: those of the file system. */
  files(): Promise<readonly ArchivedFile[]>;
  pushes(): Promise<readonly ArchivePush[]>;
  has(segment: string): Promise<boolean>;
  /** The data directory of the backup, and how its recovery finds the WAL. Errors: EnvironmentError. */
  restored(toLsn: string | undefined, signal: AbortSignal): Promise<Restorable>;
}

export interface Restorable {
  readonly data: string;
  readonly recovery: Recovery;
}
