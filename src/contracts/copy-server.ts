/** An image of a container engine. */
export interface ContainerImage {
  /** As it was asked for: 'forkpoint-cluster:pg17'. It may name another one later. */
  readonly name: string;
  /** Of its content: 'sha256:...'. */
  readonly id: string;
}

/** Which server can read a copied data directory. */
export interface WantedServer {
  /** PostgreSQL's major version, as PG_VERSION of the directory says it: '17'. */
  readonly version: string;
  /** Of the container that the directory was copied from; absent: it was none, or that is not known. */
  readonly image?: ContainerImage;
}

/** What can start a copied data directory as a server beside the run, without a network. */
export interface CopyServer {
  /** For people: 'a container of forkpoint-cluster:pg17'. */
  readonly where: string;
  /**
   * Starts `postgres -D FOLDER/data -c config_file=FOLDER/postgresql.conf` and does not wait until it answers.
   * Shape: `folder`, of this host, holds `data/`, the configuration, in which the same paths stand, and `socket/`: where the
   *   server's Unix socket is then, on this host. The files stay the caller's; a server of another account owns them meanwhile.
   * Errors: EnvironmentError.
   */
  start(folder: string): Promise<RunningCopy>;
}

/** Disposing it ends the server at once, and removes what was made for it. */
export interface RunningCopy extends AsyncDisposable {
  /** Whether it has ended by itself. */
  hasEnded(): boolean;
  /** What it has logged; '' where that cannot be read. */
  log(): Promise<string>;
}
