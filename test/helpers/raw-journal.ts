import { crc32 } from 'node:zlib';
import type { JournalHeader, OperationRecord } from '../../src/contracts/evidence.ts';
import { encodeRecord, FRAME, MAGIC, RECORD_BYTES } from '../../src/evidence/journal/format.ts';

/**
 * A journal with valid checksums, in these frames, with any records: the JournalWriter refuses records that no load can
 * have done.
 */
export function rawJournal(
  header: JournalHeader,
  frames: readonly (readonly OperationRecord[])[],
): Buffer {
  const operations = frames.reduce((sum, records) => sum + records.length, 0);
  const end = Buffer.alloc(8 + 4 * header.writers);
  end.writeUInt32LE(operations);
  const bodies = [
    [FRAME.header, Buffer.from(MAGIC + JSON.stringify(header))] as const,
    ...frames.map((records) => [FRAME.data, dataOf(records)] as const),
    [FRAME.end, end] as const,
  ];
  return Buffer.concat(bodies.map(([type, body], number) => frameOf(type, number, body)));
}

function dataOf(records: readonly OperationRecord[]): Buffer {
  const body = Buffer.alloc(records.length * RECORD_BYTES);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  records.forEach((record, index) => encodeRecord(view, index * RECORD_BYTES, record));
  return body;
}

function frameOf(type: number, number: number, body: Buffer): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32LE(number, 0);
  payload.writeUInt32LE(type, 4);
  const whole = Buffer.concat([payload, body]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(whole.length, 0);
  head.writeUInt32LE(crc32(whole, whole.length), 4);
  return Buffer.concat([head, whole]);
}
