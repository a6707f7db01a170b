/** One row's change, as it goes to the sink. */
export interface Change {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly relation: string;
  /** Of its transaction's commit record. */
  readonly lsn: string;
  /** By column, as the server described the columns at that time. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** How far everything is delivered. */
export interface Position {
  /** The end of the last commit record that is delivered whole. */
  readonly lsn: string;
  /** The timeline that it was read on. */
  readonly timeline: number;
  /** Of the next transaction, which is longer than a batch: its commit record, and how many of its changes are delivered. */
  readonly inside: { readonly lsn: string; readonly done: number } | null;
}

/** What goes to the sink in one transaction. */
export interface Batch {
  readonly after: Position;
  readonly changes: readonly Change[];
  readonly to: Position;
  /** When its first change was committed, by the source's clock; milliseconds since 1970. Absent: it has none. */
  readonly sinceMs?: number;
}

export function isSamePosition(a: Position, b: Position): boolean {
  return a.lsn === b.lsn && a.inside?.lsn === b.inside?.lsn && a.inside?.done === b.inside?.done;
}
