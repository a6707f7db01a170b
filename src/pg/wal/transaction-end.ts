import { recordParts } from './record-parts.ts';

/** What a commit or abort record says. */
export interface TransactionEnd {
  readonly kind: 'commit' | 'abort';
  /** Milliseconds since 1970, by the server's clock. */
  readonly atMs: number;
  /** The transaction that ends: of a prepared one it is not in the record's header. */
  readonly xid: number;
  readonly subtransactions: readonly number[];
}

const operationMask = 0x70;
const hasInfoBit = 0x80;
const kinds: Readonly<
  Record<number, { readonly kind: TransactionEnd['kind']; readonly hasInvalidations: boolean }>
> = {
  0x00: { kind: 'commit', hasInvalidations: true },
  0x20: { kind: 'abort', hasInvalidations: false },
  0x30: { kind: 'commit', hasInvalidations: true },
  0x40: { kind: 'abort', hasInvalidations: false },
};
const has = {
  database: 1,
  subtransactions: 2,
  files: 4,
  invalidations: 8,
  prepared: 16,
  statistics: 256,
};
const magicOf18 = 0xd118;
const year2000Ms = Date.UTC(2000, 0, 1);

/**
 * The end of a transaction, if a record of the resource manager Transaction is one.
 * Shape: the whole record, header included; the number with which its page begins, which differs between versions.
 * Source: PostgreSQL, xact.h (xl_xact_commit and what may follow it), xactdesc.c, ParseCommitRecord.
 */
export function transactionEnd(record: Buffer, pageMagic: number): TransactionEnd | undefined {
  const info = record.readUInt8(16);
  const found = kinds[info & operationMask];
  const data = found && recordParts(record)?.main;
  if (!data || data.length < 8) return undefined;
  const atMs = year2000Ms + Number(data.readBigInt64LE(0)) / 1000;
  const headerXid = record.readUInt32LE(4);
  const rest = (info & hasInfoBit) === 0 ? undefined : data.subarray(8);
  const sizes = {
    statistic: pageMagic >= magicOf18 ? 16 : 12,
    invalidation: found.hasInvalidations ? 16 : undefined,
  };
  const extra = rest ? moreOf(rest, sizes) : undefined;
  const { subtransactions = [], prepared } = extra ?? {};
  return { kind: found.kind, atMs, xid: prepared ?? headerXid, subtransactions };
}

/** Bytes of one entry of a list; undefined: there is no such list. */
interface Sizes {
  readonly statistic: number;
  readonly invalidation: number | undefined;
}

interface More {
  readonly subtransactions: readonly number[];
  readonly prepared: number | undefined;
}

/** Parts follow each other in the order of their bits, but for dropped statistics, which come after the files. */
function moreOf(data: Buffer, sizes: Sizes): More {
  const bits = data.readUInt32LE(0);
  let at = 4;
  const isThere = (bit: number) => (bits & bit) !== 0;
  const skip = (entryBytes: number) => void (at += 4 + data.readInt32LE(at) * entryBytes);
  if (isThere(has.database)) at += 8;
  const subtransactions: number[] = [];
  if (isThere(has.subtransactions)) {
    const count = data.readInt32LE(at);
    for (let each = 1; each <= count; each++)
      subtransactions.push(data.readUInt32LE(at + 4 * each));
    skip(4);
  }
  // Only a prepared transaction's number stands behind these.
  if (!isThere(has.prepared)) return { subtransactions, prepared: undefined };
  if (isThere(has.files)) skip(12);
  if (isThere(has.statistics)) skip(sizes.statistic);
  if (sizes.invalidation !== undefined && isThere(has.invalidations)) skip(sizes.invalidation);
  return { subtransactions, prepared: data.readUInt32LE(at) };
}
