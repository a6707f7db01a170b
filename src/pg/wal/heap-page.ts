import { decompressed } from './pglz.ts';
import { PAGE_BYTES, type PageImage } from './record-parts.ts';

/** A row's version as the table holds it. */
export interface HeapTuple {
  /** How many columns it has values for. */
  readonly columns: number;
  readonly hasNulls: boolean;
  /** Where its values begin, in `body`. */
  readonly valuesAt: number;
  /** From the bitmap of nulls on. */
  readonly body: Buffer;
}

const pageHeaderBytes = 24;
/** Of a tuple's header, before the bitmap of nulls. */
export const tupleHeaderBytes = 23;
const normalPointer = 1;
const columnsMask = 0x07ff;
const hasNullsBit = 0x0001;

/** Of the header that PostgreSQL keeps of a tuple in WAL, too. Source: htup_details.h. */
export function heapTuple(
  [infomask2, infomask, valuesAt]: readonly [number, number, number],
  body: Buffer,
): HeapTuple {
  return {
    columns: infomask2 & columnsMask,
    hasNulls: (infomask & hasNullsBit) !== 0,
    valuesAt: valuesAt - tupleHeaderBytes,
    body,
  };
}

/**
 * The tuples of a page of a table by their line pointers; undefined: it is of something else, or compressed by another method than pglz.
 * Source: PostgreSQL, bufpage.h, itemid.h; xlogreader.c (RestoreBlockImage).
 */
export function tuplesIn(image: PageImage): ReadonlyMap<number, HeapTuple> | undefined {
  const page = restored(image);
  // A table's page has no space of its own at the end, as those of indexes and sequences have.
  if (page?.readUInt16LE(16) !== PAGE_BYTES) return undefined;
  const tuples = new Map<number, HeapTuple>();
  const pointers = (page.readUInt16LE(12) - pageHeaderBytes) / 4;
  for (let number = 1; number <= pointers; number++) {
    const pointer = page.readUInt32LE(pageHeaderBytes + 4 * (number - 1));
    const [at, kind, bytes] = [pointer & 0x7fff, (pointer >>> 15) & 3, pointer >>> 17];
    if (kind !== normalPointer || bytes < tupleHeaderBytes || at + bytes > PAGE_BYTES) continue;
    const tuple = page.subarray(at, at + bytes);
    const header = [tuple.readUInt16LE(18), tuple.readUInt16LE(20), tuple.readUInt8(22)] as const;
    tuples.set(number, heapTuple(header, tuple.subarray(tupleHeaderBytes)));
  }
  return tuples;
}

function restored(image: PageImage): Buffer | undefined {
  const { bytes, holeAt, holeBytes, compression } = image;
  const without = PAGE_BYTES - holeBytes;
  const own = compression === 'pglz' ? decompressed(bytes, without) : bytes;
  if (own?.length !== without || compression === 'lz4' || compression === 'zstd') return undefined;
  return Buffer.concat([own.subarray(0, holeAt), Buffer.alloc(holeBytes), own.subarray(holeAt)]);
}
