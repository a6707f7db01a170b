import { crc32c } from './crc32c.ts';
import { transactionEnd, type TransactionEnd } from './transaction-end.ts';

/** Bytes of a WAL page; a server compiled with another size reports it in wal_block_size. */
export const WAL_PAGE_BYTES = 8192;

/** One WAL record. Positions: where the record begins, and where the next one may, as pg_current_wal_insert_lsn returns it. */
export interface WalRecord {
  readonly start: number;
  readonly next: number;
  readonly xid: number;
  /** Absent: it ends no transaction. */
  readonly ends?: TransactionEnd;
  /** Absent: it is not the checkpoint that a server writes as its last record when it is shut down in order. */
  readonly isShutdown?: true;
  /** Absent: it changes no table's pages. */
  readonly pages?: ChangedPages;
}

/** A record of Heap or Heap2, or one that only holds images of pages. */
export interface ChangedPages {
  readonly resource: number;
  readonly info: number;
  readonly record: Buffer;
  /** Of the version of the WAL's format. */
  readonly pageMagic: number;
}

const shortHeaderBytes = 24;
const longHeaderBytes = 40;
const recordHeaderBytes = 24;
const xlogResource = 0;
const transactionResource = 1;
/** Source: pg_control.h. */
const shutdownInfo = 0x00;
const switchInfo = 0x40;
const imageInfos: ReadonlySet<number> = new Set([0xa0, 0xb0]);
const heapResources: ReadonlySet<number> = new Set([9, 10]);

interface Page {
  /** Of the version of the WAL's format. */
  readonly magic: number;
  readonly lsn: number;
  readonly headerBytes: number;
  /** Where its payload begins in all of them. */
  readonly at: number;
  readonly payload: Uint8Array;
}

/**
 * The whole records in a stretch of WAL, of one file or over the end of one.
 * Shape: `bytes` are pages from the LSN `from` on, which is the start of one. Reading stops at what the server did not write
 *   after the record before it: a recycled file, the end of the WAL, a record whose end is not there. `segmentBytes`:
 *   wal_segment_size.
 * Source: PostgreSQL, xlog_internal.h (page headers), xlogrecord.h, xact.h; the same in 10 to 18.
 */
export function walRecords(
  bytes: Uint8Array,
  { from, segmentBytes }: { readonly from: number; readonly segmentBytes: number },
): readonly WalRecord[] {
  const pages = pagesOf(bytes, from);
  const stream = Buffer.concat(pages.map(({ payload }) => payload));
  const end = from + pages.length * WAL_PAGE_BYTES;
  const nextHeaderBytes = end % segmentBytes === 0 ? longHeaderBytes : shortHeaderBytes;
  const positionOf = positionsIn(pages, end + nextHeaderBytes);
  const records: WalRecord[] = [];
  const magic = pages[0]?.magic ?? 0;
  let at = aligned(firstPageRemainder(bytes));
  let previous: number | undefined;
  while (at + recordHeaderBytes <= stream.length) {
    const length = stream.readUInt32LE(at);
    if (length < recordHeaderBytes || at + length > stream.length) break;
    const record = stream.subarray(at, at + length);
    if (!isWhole(record, previous)) break;
    const [info, resource] = [record.readUInt8(16), record.readUInt8(17)];
    const start = (previous = positionOf(at));
    const ends = resource === transactionResource ? transactionEnd(record, magic) : undefined;
    const xid = record.readUInt32LE(4);
    if (resource === xlogResource && (info & 0xf0) === switchInfo) {
      // The rest of the file holds no record.
      const nextFile = (Math.floor(start / segmentBytes) + 1) * segmentBytes;
      records.push({ start, next: nextFile + longHeaderBytes, xid });
      break;
    }
    const next = aligned(at + length);
    const isShutdown = resource === xlogResource && (info & 0xf0) === shutdownInfo;
    const isOfPages =
      heapResources.has(resource) || (resource === xlogResource && imageInfos.has(info & 0xf0));
    const pages = isOfPages ? { resource, info, record, pageMagic: magic } : undefined;
    const what = {
      ...(ends && { ends }),
      ...(isShutdown && { isShutdown }),
      ...(pages && { pages }),
    };
    records.push({ start, next: positionOf(next), xid, ...what });
    at = next;
  }
  return records;
}

/**
 * A page of a recycled file, or of a crash, goes on with bytes that look like records: they do not follow the record before,
 * or their checksum is of other content.
 */
function isWhole(record: Buffer, previous: number | undefined): boolean {
  if (previous !== undefined && record.readBigUInt64LE(8) !== BigInt(previous)) return false;
  return (
    crc32c(record.subarray(recordHeaderBytes), record.subarray(0, 20)) === record.readUInt32LE(20)
  );
}

/** How much of a record that began on an earlier page is on the first page, and on those after it. */
function firstPageRemainder(bytes: Uint8Array): number {
  if (bytes.length < shortHeaderBytes) return 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(16);
}

function pagesOf(bytes: Uint8Array, from: number): readonly Page[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const pages: Page[] = [];
  let payloadAt = 0;
  for (let at = 0; at + WAL_PAGE_BYTES <= buffer.length; at += WAL_PAGE_BYTES) {
    const lsn = from + at;
    if (buffer.readBigUInt64LE(at + 8) !== BigInt(lsn)) break;
    const isFirstOfFile = (buffer.readUInt16LE(at + 2) & 0x0002) !== 0;
    const headerBytes = isFirstOfFile ? longHeaderBytes : shortHeaderBytes;
    const payload = buffer.subarray(at + headerBytes, at + WAL_PAGE_BYTES);
    pages.push({ magic: buffer.readUInt16LE(at), lsn, headerBytes, at: payloadAt, payload });
    payloadAt += payload.length;
  }
  return pages;
}

/**
 * Maps an offset in the concatenated payloads to the LSN at which a record may begin there. The offsets that it is asked
 * for never decrease by more than a page.
 */
function positionsIn(pages: readonly Page[], afterLast: number): (at: number) => number {
  let index = 0;
  return (at) => {
    while (index > 0 && at < (pages[index]?.at ?? Infinity)) index--;
    for (; index < pages.length; index++) {
      const page = pages[index];
      if (page && at < page.at + page.payload.length)
        return page.lsn + page.headerBytes + at - page.at;
    }
    const last = pages.at(-1);
    return afterLast + at - (last ? last.at + last.payload.length : 0);
  };
}

/** PostgreSQL starts every record at a multiple of eight. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
