/** A second Patroni cluster, of its own scope, that follows the first one. */
export interface StandbyControl {
  readonly nodes: readonly string[];
  /** It follows no longer: Patroni there promotes its leader. Resolves when the request is stored. Errors: ClusterError. */
  promote(signal: AbortSignal): Promise<void>;
  /** Its configuration names no cluster that it follows. Errors: ClusterError when the DCS does not answer. */
  isPromoted(signal: AbortSignal): Promise<boolean>;
  /** The other cluster follows this one from now on, if this one is promoted; harmless to repeat. Errors: ClusterError. */
  followPromoted(signal: AbortSignal): Promise<void>;
}
