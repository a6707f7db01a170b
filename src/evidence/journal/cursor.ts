import type { OperationRecord } from '../../contracts/evidence.ts';
import {
  AT,
  getNumber64,
  KIND,
  KINDS,
  NO_NODE,
  OUTCOME,
  OUTCOMES,
  unpackSqlState,
} from './format.ts';

/**
 * A window onto one record of a frame. The same object is handed to a visitor for every record and decodes a field only
 * when asked: 100 million records pass without an allocation. Keep nothing of it but numbers, or take `toRecord()`.
 */
export class RecordCursor {
  view: DataView = new DataView(new ArrayBuffer(0));
  at = 0;
  /** The journal, and where in it the view's first byte stands: for a message that names a record. */
  path = '';
  viewAtByte = 0;

  get atByte(): number {
    return this.viewAtByte + this.at;
  }

  /** KIND's numbers. */
  get kind(): number {
    return this.view.getUint8(this.at) & 15;
  }
  /** OUTCOME's numbers. */
  get outcome(): number {
    return this.view.getUint8(this.at) >>> 4;
  }
  /** Index into the header's nodes; NO_NODE when there was no connection. */
  get node(): number {
    return this.view.getUint8(this.at + AT.node);
  }
  get writer(): number {
    return this.view.getUint16(this.at + AT.writer, true);
  }
  get seq(): number {
    return this.view.getUint32(this.at + AT.seq, true);
  }
  get count(): number {
    return this.view.getUint16(this.at + AT.count, true);
  }
  get version(): number {
    return this.view.getUint32(this.at + AT.version, true);
  }
  get timeline(): number {
    return this.view.getUint32(this.at + AT.timeline, true);
  }
  /** For an acknowledged or localOnly operation; 0 if unknown. */
  get lsn(): number {
    return this.outcome <= OUTCOME.localOnly ? getNumber64(this.view, this.at + AT.value) : 0;
  }
  /** For a failed or indeterminate operation; '' without one. */
  get sqlState(): string {
    return this.outcome <= OUTCOME.localOnly
      ? ''
      : unpackSqlState(getNumber64(this.view, this.at + AT.value));
  }
  /** Of a record of kind id: the first of `count` server-made ids. */
  get id(): number {
    return getNumber64(this.view, this.at + AT.value);
  }
  get sentUs(): number {
    return (
      this.view.getUint32(this.at + AT.sentUs, true) +
      this.view.getUint8(this.at + AT.sentUs + 4) * 2 ** 32
    );
  }
  get latencyUs(): number {
    return this.view.getUint32(this.at + AT.latencyUs, true);
  }
  get waitedUs(): number {
    return this.view.getUint32(this.at + AT.waitedUs, true);
  }
  /** When the answer came, or when the client gave up waiting. */
  get answeredUs(): number {
    return this.sentUs + this.latencyUs;
  }
  get isKnown(): boolean {
    const kind = this.kind;
    return (kind <= KIND.delete || kind >= KIND.attempt) && this.outcome < OUTCOMES.length;
  }

  toRecord(): OperationRecord {
    return {
      kind: KINDS[this.kind] ?? 'insert',
      outcome: OUTCOMES[this.outcome] ?? 'indeterminate',
      writer: this.writer,
      seq: this.seq,
      count: this.count,
      version: this.version,
      node: this.node === NO_NODE ? undefined : this.node,
      timeline: this.timeline,
      lsn: BigInt(this.lsn),
      sentUs: this.sentUs,
      latencyUs: this.latencyUs,
      waitedUs: this.waitedUs,
      sqlState: this.sqlState,
    };
  }
}
