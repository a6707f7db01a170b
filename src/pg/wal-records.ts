/** Bytes of a WAL page; a server compiled with another size reports it in wal_block_size. */
export const WAL_PAGE_BYTES = 8192;

/** One WAL record. Positions: where the record begins, and where the next one may, as pg_current_wal_insert_lsn returns it. */
export interface WalRecord {
  readonly start: number;
  readonly next: number;
  readonly xid: number;
  readonly isCommit: boolean;
}

const shortHeaderBytes = 24;
const longHeaderBytes = 40;
const recordHeaderBytes = 24;
const xlogResource = 0;
const transactionResource = 1;

interface Page {
  readonly lsn: number;
  readonly headerBytes: number;
  readonly payload: Uint8Array;
}

/**
 * The whole records in a stretch of one WAL file.
 * Shape: `bytes` are pages from the LSN `from` on, which is the start of one; everything after the first page that does not
 *   belong to this stretch (a recycled file, the end of the WAL) is left out.
 * Source: PostgreSQL, xlog_internal.h (page headers), xlogrecord.h, xact.h; the same in 10 to 18.
 */
export function walRecords(bytes: Uint8Array, from: number): readonly WalRecord[] {
  const pages = pagesOf(bytes, from);
  const stream = Buffer.concat(pages.map(({ payload }) => payload));
  const positionOf = positionsIn(pages, from + pages.length * WAL_PAGE_BYTES);
  const records: WalRecord[] = [];
  let at = aligned(firstPageRemainder(bytes));
  while (at + recordHeaderBytes <= stream.length) {
    const length = stream.readUInt32LE(at);
    if (length < recordHeaderBytes || at + length > stream.length) break;
    const [info, resource] = [stream.readUInt8(at + 16), stream.readUInt8(at + 17)];
    // After a switch of the file there is no record.
    if (resource === xlogResource && (info & 0xf0) === 0x40) break;
    const next = aligned(at + length);
    records.push({
      start: positionOf(at),
      next: positionOf(next),
      xid: stream.readUInt32LE(at + 4),
      // COMMIT and COMMIT PREPARED.
      isCommit: resource === transactionResource && [0x00, 0x30].includes(info & 0x70),
    });
    at = next;
  }
  return records;
}

/** How much of a record that began on an earlier page is on the first page. */
function firstPageRemainder(bytes: Uint8Array): number {
  if (bytes.length < shortHeaderBytes) return 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(16);
}

function pagesOf(bytes: Uint8Array, from: number): readonly Page[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const pages: Page[] = [];
  for (let at = 0; at + WAL_PAGE_BYTES <= buffer.length; at += WAL_PAGE_BYTES) {
    const lsn = from + at;
    if (buffer.readBigUInt64LE(at + 8) !== BigInt(lsn)) break;
    const isFirstOfFile = (buffer.readUInt16LE(at + 2) & 0x0002) !== 0;
    const headerBytes = isFirstOfFile ? longHeaderBytes : shortHeaderBytes;
    const payload = buffer.subarray(at + headerBytes, at + WAL_PAGE_BYTES);
    pages.push({ lsn, headerBytes, payload });
  }
  return pages;
}

/** Maps an offset in the concatenated payloads to the LSN at which a record may begin there. */
function positionsIn(pages: readonly Page[], endLsn: number): (at: number) => number {
  return (at) => {
    let rest = at;
    for (const { lsn, headerBytes, payload } of pages) {
      if (rest < payload.length) return lsn + headerBytes + rest;
      rest -= payload.length;
    }
    return endLsn + shortHeaderBytes + rest;
  };
}

/** PostgreSQL starts every record at a multiple of eight. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
