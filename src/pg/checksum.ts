/**
 * PostgreSQL's 64-bit hash of text and integers, computed by the client: stored content is compared with sent content
 * without asking any server for the sent one.
 * Shape: hash_bytes_extended of common/hashfn.c (Bob Jenkins's lookup3) as a little-endian machine computes it.
 *   All arithmetic is on 32-bit halves: a BigInt per step would cost a hundred times as much.
 * Source: PostgreSQL 14-17, common/hashfn.c, access/hash/hashfunc.c; proven against hashtextextended() itself.
 */

/** lookup3's golden ratio plus the constant that PostgreSQL adds to every length. */
const start = (0x9e3779b9 + 3923095) | 0;

// One result at a time, low half first; the same 8 bytes seen as the signed bigint that SQL shows.
const halves = new Int32Array(2);
const whole = new BigInt64Array(halves.buffer);
const four = new Uint8Array(4);
const answer = { high: 0, low: 0 };
const fourBytes = new Uint8Array(4);

export interface Halves {
  readonly high: number;
  readonly low: number;
}

/** hashtextextended(text, seed) of the text's UTF-8 bytes; the seed in signed or unsigned 32-bit halves. */
export function hashTextExtended(bytes: Uint8Array, seedHigh: number, seedLow: number): bigint {
  hashBytes(bytes, seedHigh, seedLow);
  return resultAsBigint();
}

/** hashint8extended(value, seed). */
export function hashInt8Extended(value: bigint, seedHigh: number, seedLow: number): bigint {
  hashHalves(Number(value >> 32n), Number(BigInt.asIntN(32, value)), seedHigh, seedLow);
  return resultAsBigint();
}

/**
 * hashint4extended(value, seed) as two signed halves, without a BigInt: for millions of keys.
 * The result is the same object each time.
 */
export function hashInt4Extended(value: number, seedHigh: number, seedLow: number): Halves {
  four[0] = value;
  four[1] = value >> 8;
  four[2] = value >> 16;
  four[3] = value >> 24;
  hashBytes(four, seedHigh, seedLow);
  answer.low = halves[0] ?? 0;
  answer.high = halves[1] ?? 0;
  return answer;
}

/**
 * Row `seq` in this version, as read-back's digest sees it: hashint4extended(seq, version). Not hashint8extended of both
 * in one number: that one folds its halves first, and confuses version 1 of row 4 with version 0 of row 5.
 */
export function rowHash(seq: number, version: number): Halves {
  // The seed is a bigint: a version below 0, which no client makes, changes its high half.
  return hashInt4Extended(seq, version >> 31, version);
}

/**
 * The checksum column of a tracked row: hashtextextended(payload, version << 32 | seq) # writer in SQL.
 * It covers content and identity, so that a row moved to another key is detected like a flipped byte.
 */
export function rowChecksum(
  payload: Uint8Array,
  row: { readonly writer: number; readonly seq: number; readonly version: number },
): bigint {
  hashBytes(payload, row.version, row.seq);
  halves[0] = (halves[0] ?? 0) ^ row.writer;
  return resultAsBigint();
}

function resultAsBigint(): bigint {
  return whole[0] ?? 0n;
}

function hashHalves(high: number, low: number, seedHigh: number, seedLow: number): void {
  // As in hashint8: equal numbers of any integer width hash alike.
  const folded = low ^ (high >= 0 ? high : ~high);
  fourBytes[0] = folded;
  fourBytes[1] = folded >> 8;
  fourBytes[2] = folded >> 16;
  fourBytes[3] = folded >> 24;
  hashBytes(fourBytes, seedHigh, seedLow);
}

let viewed: Uint8Array = new Uint8Array(0);
let lastView: DataView = new DataView(viewed.buffer);

/** Most callers hash one buffer again and again: its view is made once, and its reads are one instruction each. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return lastView;
}

/** Leaves its result in `halves`. */
function hashBytes(bytes: Uint8Array, seedHigh: number, seedLow: number): void {
  const isSeeded = seedHigh !== 0 || seedLow !== 0;
  const blocks = bytes.length - (bytes.length % 12);
  const view = viewOf(bytes);
  let a = (start + bytes.length) | 0;
  let b = a;
  let c = a;
  // The seed is mixed in like a block before the first, and not at all when it is 0: then the low half equals
  // the unseeded hash.
  for (let at = isSeeded ? -12 : 0; at < blocks; at += 12) {
    a += at < 0 ? seedHigh : view.getInt32(at, true);
    b += at < 0 ? seedLow : view.getInt32(at + 4, true);
    c += at < 0 ? 0 : view.getInt32(at + 8, true);
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  a += tailWord(bytes, blocks);
  b += tailWord(bytes, blocks + 4);
  // The lowest byte of c is reserved for the length.
  c += tailWord(bytes, blocks + 7) & ~0xff;
  finish(a | 0, b | 0, c | 0);
}

function finish(a: number, b: number, c: number): void {
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  halves[0] = c;
  halves[1] = b;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Bytes past the end are 0. */
function tailWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
