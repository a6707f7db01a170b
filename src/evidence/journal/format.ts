/**
 * The bytes of a journal: frames of [u32 length][u32 crc][payload], little-endian throughout.
 * A payload is [u32 frame number][u8 type][3 zero bytes][body]. The frame number tells a frame that was dropped,
 * repeated or moved; the crc is seeded with the length, so that a flipped length is caught as well.
 */
import type {
  AttemptRecord,
  OperationKind,
  OperationRecord,
  Outcome,
} from '../../contracts/evidence.ts';

export const RECORD_BYTES = 40;
export const FRAME_HEAD_BYTES = 8;
export const PAYLOAD_HEAD_BYTES = 8;
/** Whole records in 64 KiB: a data frame is written at the latest when this is full. */
export const DATA_BODY_BYTES = Math.floor(65_536 / RECORD_BYTES) * RECORD_BYTES;
/** Only a header of very many nodes or an end of very many writers comes near; more is garbage. */
export const MAX_PAYLOAD_BYTES = 1 << 20;
export const MAGIC = 'FORKPOINT-JOURNAL\n';
/** 1: without attempts. */
export const SCHEMA_VERSIONS: readonly number[] = [1, 2];

export const FRAME = { header: 1, data: 2, end: 3 } as const;

export const KINDS: readonly OperationKind[] = ['insert', 'update', 'delete'];
export const OUTCOMES: readonly Outcome[] = [
  'acknowledged',
  'localOnly',
  'failed',
  'indeterminate',
];
/** attempt: its operation was sent again, and is journaled by itself when it has its outcome. */
export const KIND = { insert: 0, update: 1, delete: 2, attempt: 14, id: 15 } as const;
export const OUTCOME = { acknowledged: 0, localOnly: 1, failed: 2, indeterminate: 3 } as const;
export const NO_NODE = 255;
/** A record names its writer in two bytes. */
export const MOST_WRITERS = 0x1_0000;
export const MAX_U16 = 0xffff;
export const MAX_U32 = 0xffff_ffff;
export const MAX_SENT_US = 2 ** 40 - 1;

/** Where each field of a record stands. `value` is the LSN, or the SQLSTATE, or the server-made id. */
export const AT = {
  kindAndOutcome: 0,
  node: 1,
  writer: 2,
  seq: 4,
  count: 8,
  version: 10,
  timeline: 14,
  value: 18,
  sentUs: 26,
  latencyUs: 31,
  waitedUs: 35,
} as const;

/** Writes a record that was checked before; see journal-writer.ts for the checks. */
export function encodeRecord(view: DataView, at: number, record: OperationRecord): void {
  const outcome = OUTCOME[record.outcome];
  view.setUint8(at + AT.kindAndOutcome, KIND[record.kind] | (outcome << 4));
  view.setUint8(at + AT.node, record.node ?? NO_NODE);
  view.setUint16(at + AT.writer, record.writer, true);
  view.setUint32(at + AT.seq, record.seq, true);
  view.setUint16(at + AT.count, record.count, true);
  view.setUint32(at + AT.version, record.version, true);
  view.setUint32(at + AT.timeline, record.timeline, true);
  setNumber64(
    view,
    at + AT.value,
    outcome <= OUTCOME.localOnly ? Number(record.lsn) : packSqlState(record.sqlState),
  );
  const sentUs = Math.round(record.sentUs);
  view.setUint32(at + AT.sentUs, sentUs >>> 0, true);
  view.setUint8(at + AT.sentUs + 4, Math.floor(sentUs / 2 ** 32));
  // Over an hour is kept as the most these fields hold: longer than any deadline, and no reason to stop a run.
  view.setUint32(at + AT.latencyUs, Math.min(MAX_U32, Math.round(record.latencyUs)), true);
  view.setUint32(at + AT.waitedUs, Math.min(MAX_U32, Math.round(record.waitedUs)), true);
  view.setUint8(at + RECORD_BYTES - 1, 0);
}

/** In place of the kind; what the operation was is in the last byte, and its pause where others have waited. */
export function encodeAttempt(view: DataView, at: number, record: AttemptRecord): void {
  encodeRecord(view, at, { ...record, waitedUs: record.pausedUs });
  view.setUint8(at + AT.kindAndOutcome, KIND.attempt | (OUTCOME[record.outcome] << 4));
  view.setUint8(at + RECORD_BYTES - 1, KIND[record.kind]);
}

/** Rows seq .. seq+count-1 of an insert got the ids id .. id+count-1. */
export interface IdRecord {
  readonly writer: number;
  readonly seq: number;
  readonly count: number;
  readonly id: number;
}

export function encodeId(view: DataView, at: number, record: IdRecord): void {
  for (let index = 0; index < RECORD_BYTES; index += 4) view.setUint32(at + index, 0);
  view.setUint8(at + AT.kindAndOutcome, KIND.id);
  view.setUint8(at + AT.node, NO_NODE);
  view.setUint16(at + AT.writer, record.writer, true);
  view.setUint32(at + AT.seq, record.seq, true);
  view.setUint16(at + AT.count, record.count, true);
  setNumber64(view, at + AT.value, record.id);
}

/** The highest number that packSqlState makes. */
export const MOST_SQL_STATE = 36 ** 5;

/** Five characters of 0-9A-Z as a number above 0; '' is 0; NaN when it is neither. */
export function packSqlState(sqlState: string): number {
  if (sqlState === '') return 0;
  return /^[0-9A-Z]{5}$/.test(sqlState) ? parseInt(sqlState, 36) + 1 : NaN;
}

export function unpackSqlState(packed: number): string {
  return packed === 0 ? '' : (packed - 1).toString(36).toUpperCase().padStart(5, '0');
}

/** Exact up to 2^53-1, which is 8 PiB of WAL, or the ids of any sequence that counts from 1. */
export function getNumber64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function setNumber64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}
