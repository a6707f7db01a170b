import type { Key } from '../damage.ts';
import type { Finding } from '../findings.ts';

/** One change in a sink, as the consumer wrote it there. */
export interface SinkEvent {
  readonly batch: number;
  readonly kind: string;
  readonly relation: string;
  /** Of its transaction's commit record. */
  readonly lsn: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** A sink that can be damaged: what it holds, in the order of the deliveries. */
export interface DamagedSink {
  events(): Promise<readonly SinkEvent[]>;
  /** It holds these from now on, and its position is what it was. */
  rewrite(events: readonly SinkEvent[]): Promise<void>;
}

export function keyOf({ row }: SinkEvent): Key {
  return { writer: Number(row.writer), seq: Number(row.seq) };
}

/** Of an update: what it makes of the row. */
export function versionOf({ row }: SinkEvent): number {
  return Number(row.version);
}

/** What is said of a write beside its row. */
export function detailOf(kind: string, version: number): Pick<Finding, 'detail'> {
  if (kind === 'insert') return {};
  return { detail: kind === 'update' ? `update to version ${version}` : kind };
}
