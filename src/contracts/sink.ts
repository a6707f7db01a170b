import type { Credentials, Endpoint } from './endpoint.ts';
import type { ClientSite } from './site.ts';

/** The PostgreSQL server beside a lab's cluster that consumers write to. */
export interface SinkServer {
  /** As consumers reach it. */
  readonly endpoint: Endpoint;
  /** As it names the root certificate of the cluster's servers; absent: they need none. */
  readonly sourceRootFile?: string;
  /** As the harness reaches it. */
  readonly observer: Endpoint;
  readonly credentials: Credentials;
  /** The machine of the consumers that write to it. */
  readonly consumers: ClientSite;
  /** The cluster's nodes as it reaches them itself, for a subscription. */
  readonly sources: readonly Endpoint[];
  /** SIGKILL to every one of its processes; resolves when they are gone. */
  kill(): Promise<void>;
  /** Resolves when it answers; harmless if it does. */
  start(): Promise<void>;
  /** SIGSTOP to every one of its processes: its connections stay open, and nothing answers. */
  freeze(): Promise<void>;
  /** Harmless if it is not frozen. */
  thaw(): Promise<void>;
  /** Drops every packet between it and others, silently; the harness reaches it all the same. */
  cut(): Promise<void>;
  /** Harmless if it is not cut. */
  mend(): Promise<void>;
  /** Its new transactions only read (`default_transaction_read_only`), or write again. Errors: SqlError. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
  /** Leaves no byte on the disk of its tables: a write that needs a new page is refused. Its WAL has a disk of its own. */
  fill(): Promise<void>;
  /** Harmless if it is not full. */
  free(): Promise<void>;
  /**
   * Drops every packet between the cluster's PostgreSQL and those who read it: the consumers' machine, and the sink as a subscriber.
   * Absent: the consumers have no machine of their own.
   */
  cutSource?(): Promise<void>;
  /** Harmless if it is not cut. */
  mendSource?(): Promise<void>;
}
