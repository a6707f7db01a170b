import type { LabContents } from '../../contracts/own-patroni.ts';
import type { Listing } from './listing.ts';

/** What every section is fitted to. */
export interface FitContext {
  readonly listing: Listing;
  readonly contents: LabContents;
  /** Names of the lab's nodes. */
  readonly nodes: readonly string[];
  readonly isSynchronous: boolean;
  /** `cluster.tls` is set: every server has a certificate of the lab's. */
  readonly hasTls: boolean;
}
