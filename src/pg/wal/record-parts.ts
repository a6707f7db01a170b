/** A page as a record carries it, as of after its change. */
export interface PageImage {
  readonly bytes: Buffer;
  /** Where zeros were left out, and how many. */
  readonly holeAt: number;
  readonly holeBytes: number;
  /** Of `bytes`. */
  readonly compression: 'none' | 'pglz' | 'lz4' | 'zstd';
}

/** A page that a record changes. */
export interface BlockPart {
  /** Tablespace, database and file number: a table's storage, which a rewrite replaces. */
  readonly relation: string;
  /** 0: the table's own file, not its maps. */
  readonly fork: number;
  readonly block: number;
  readonly image: PageImage | undefined;
  /** Empty where the image has replaced it. */
  readonly data: Buffer;
}

export interface RecordParts {
  readonly blocks: readonly BlockPart[];
  readonly main: Buffer;
}

const recordHeaderBytes = 24;
const idOf = { mainLong: 254, mainShort: 255, origin: 253, topLevelXid: 252, mostBlocks: 32 };
const has = { image: 0x10, data: 0x20, sameRelation: 0x80 };
const imageHas = { hole: 0x01, pglz: 0x04, lz4: 0x08, zstd: 0x10 };
/** Bytes of a table's page; a server may be compiled with another, and its pages are then not understood. */
export const PAGE_BYTES = 8192;

interface BlockHead {
  readonly relation: string;
  readonly fork: number;
  readonly block: number;
  readonly dataBytes: number;
  readonly image: (Omit<PageImage, 'bytes'> & { readonly bytes: number }) | null;
}

/**
 * The pages and the main data of a whole record; undefined: it has parts that are not known here.
 * Source: PostgreSQL, xlogrecord.h, xlogreader.c (DecodeXLogRecord). Images are read as of 15 and later.
 */
export function recordParts(record: Buffer): RecordParts | undefined {
  const heads: BlockHead[] = [];
  let at = recordHeaderBytes;
  let mainBytes = 0;
  let dataBytes = 0;
  // The headers come first, and what they announce after them: so they end where only that is left.
  while (record.length - at > dataBytes) {
    const id = record.readUInt8(at);
    if (id === idOf.mainShort || id === idOf.mainLong) {
      const isShort = id === idOf.mainShort;
      mainBytes = isShort ? record.readUInt8(at + 1) : record.readUInt32LE(at + 1);
      at += isShort ? 2 : 5;
      break;
    }
    if (id === idOf.origin) at += 3;
    else if (id === idOf.topLevelXid) at += 5;
    else if (id <= idOf.mostBlocks) {
      const { head, next } = blockHead(record, at, heads.at(-1)?.relation);
      heads.push(head);
      dataBytes += head.dataBytes + (head.image?.bytes ?? 0);
      at = next;
    } else return undefined;
  }
  const blocks = heads.map(({ image: about, dataBytes: bytes, ...place }) => {
    const image = about && { ...about, bytes: record.subarray(at, (at += about.bytes)) };
    return { ...place, image: image ?? undefined, data: record.subarray(at, (at += bytes)) };
  });
  return { blocks, main: record.subarray(at, at + mainBytes) };
}

function compressionIn(info: number): PageImage['compression'] {
  for (const name of ['pglz', 'lz4', 'zstd'] as const)
    if ((info & imageHas[name]) !== 0) return name;
  return 'none';
}

function blockHead(record: Buffer, from: number, before: string | undefined) {
  const flags = record.readUInt8(from + 1);
  const dataBytes = record.readUInt16LE(from + 2);
  let at = from + 4;
  let image: BlockHead['image'] = null;
  if ((flags & has.image) !== 0) {
    const [bytes, holeAt] = [record.readUInt16LE(at), record.readUInt16LE(at + 2)];
    const info = record.readUInt8(at + 4);
    const hasHole = (info & imageHas.hole) !== 0;
    const compression = compressionIn(info);
    at += 5;
    // The length of the hole follows only where the image's own length does not tell it.
    const isHoleSaid = hasHole && compression !== 'none';
    const holeBytes = isHoleSaid ? record.readUInt16LE(at) : hasHole ? PAGE_BYTES - bytes : 0;
    if (isHoleSaid) at += 2;
    image = { bytes, holeAt, holeBytes, compression };
  }
  let relation = before ?? '';
  if ((flags & has.sameRelation) === 0) {
    relation = [0, 4, 8].map((part) => record.readUInt32LE(at + part)).join('/');
    at += 12;
  }
  const block = record.readUInt32LE(at);
  const head: BlockHead = { relation, fork: flags & 0x0f, block, dataBytes, image };
  return { head, next: at + 4 };
}
