/** A write that succeeded and is not on the final primary, as attribution looks at it. */
export interface GoneWrite {
  readonly outcome: 'acknowledged' | 'localOnly';
  readonly node: string | undefined;
  readonly timeline: number;
  readonly lsn: number;
  /** When it was answered, microseconds since the start of the load. */
  readonly atUs?: number;
}
