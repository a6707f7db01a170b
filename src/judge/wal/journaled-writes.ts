import type { JournalHeader, OperationKind, Outcome } from '../../contracts/evidence.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { KINDS, NO_NODE, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** An operation that succeeded, with the insert position that its server returned within its transaction. */
export interface PlacedWrite {
  readonly writer: number;
  readonly kind: OperationKind;
  readonly outcome: Extract<Outcome, 'acknowledged' | 'localOnly'>;
  /** First row, and how many. */
  readonly seq: number;
  readonly count: number;
  /** 0 for inserts. */
  readonly version: number;
  readonly lsn: number;
  /** Microseconds since the start of the load. */
  readonly answeredUs: number;
  /** False: a proxy hid which server it was, and another one may have been on this timeline. */
  readonly isNodeKnown: boolean;
}

interface Place {
  readonly node: string;
  readonly timeline: number;
  readonly fromLsn: number;
}

/** Collects what one server acknowledged on a timeline from a position on; also what a proxy hid the server of. */
export class JournaledWrites implements JournalVisitor {
  readonly writes: PlacedWrite[] = [];
  readonly #place: Place;
  #node = NO_NODE;

  constructor(place: Place) {
    this.#place = place;
  }

  begin({ nodes }: JournalHeader): void {
    const index = nodes.indexOf(this.#place.node);
    this.#node = index < 0 ? NO_NODE : index;
  }

  records(batch: RecordBatch): void {
    const { timeline, fromLsn } = this.#place;
    for (let at = 0; at < batch.length; at++) {
      const lsn = batch.value[at] ?? 0;
      const outcome = batch.outcome[at] ?? OUTCOME.indeterminate;
      if (outcome > OUTCOME.localOnly || lsn === 0 || lsn < fromLsn) continue;
      const node = batch.node[at] ?? NO_NODE;
      if (batch.timeline[at] !== timeline || (node !== this.#node && node !== NO_NODE)) continue;
      this.writes.push({
        writer: batch.writer[at] ?? 0,
        kind: KINDS[batch.kind[at] ?? 0] ?? 'insert',
        outcome: outcome === OUTCOME.localOnly ? 'localOnly' : 'acknowledged',
        seq: batch.seq[at] ?? 0,
        count: batch.count[at] ?? 0,
        version: batch.version[at] ?? 0,
        lsn,
        answeredUs: batch.answeredUs[at] ?? 0,
        isNodeKnown: node !== NO_NODE,
      });
    }
  }
}
