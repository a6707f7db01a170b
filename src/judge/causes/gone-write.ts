/** Where in the WAL a write succeeded. */
export interface WritePosition {
  readonly node: string | undefined;
  readonly timeline: number;
  readonly lsn: number;
  /** When it was answered, microseconds since the start of the load. */
  readonly atUs?: number;
}

/** A write that succeeded and is not on the final primary, as attribution looks at it. */
export interface GoneWrite extends WritePosition {
  readonly outcome: 'acknowledged' | 'localOnly';
}
