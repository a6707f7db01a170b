import type { HeapTuple } from './heap-page.ts';
import { decompressed } from './pglz.ts';

/** A column as CREATE TABLE names it. */
export interface ColumnType {
  readonly name: string;
  readonly type: string;
}

/** A value: as JSON text of PostgreSQL's to_jsonb, and its bytes. */
export interface DecodedValue {
  readonly json: string;
  readonly bytes: Buffer;
}

export interface DecodedRow {
  readonly values: ReadonlyMap<string, DecodedValue>;
  /** Why the value after these, and what follows it, is not to be read from the tuple alone; absent: all are there. */
  readonly why?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface FixedType {
  /** Its alignment, too. */
  readonly bytes: number;
  json(value: Buffer): string;
}

const int: FixedType = { bytes: 4, json: (value) => String(value.readInt32LE()) };
const bigint: FixedType = { bytes: 8, json: (value) => String(value.readBigInt64LE()) };
const timestamp: FixedType = { bytes: 8, json: (value) => timeOf(value.readBigInt64LE()) };
const fixedTypes: Readonly<Record<string, FixedType>> = {
  int,
  bigint,
  bigserial: bigint,
  timestamptz: timestamp,
};

/**
 * The values of a tuple whose columns are known, which takes all of its bytes; else undefined: it is of another table.
 * Types: int, bigint, bigserial, timestamptz, text.
 * Source: PostgreSQL, heaptuple.c (heap_deform_tuple), varatt.h.
 */
export function rowValues(
  tuple: HeapTuple,
  columns: readonly ColumnType[],
): DecodedRow | undefined {
  const { body, valuesAt, hasNulls } = tuple;
  if (tuple.columns !== columns.length) return undefined;
  const data = body.subarray(valuesAt);
  const values = new Map<string, DecodedValue>();
  let at = 0;
  for (const [index, { name, type }] of columns.entries()) {
    if (hasNulls && ((body[index >> 3] ?? 0) & (1 << (index & 7))) === 0) {
      values.set(name, { json: 'null', bytes: Buffer.alloc(0) });
      continue;
    }
    const read = type === 'text' ? textAt(data, at) : fixedAt(data, at, type);
    if (read === undefined) return undefined;
    if ('why' in read) return { values, why: `${name}: ${read.why}` };
    values.set(name, read.value);
    at = read.next;
  }
  return at === data.length ? { values } : undefined;
}

type Read = { readonly value: DecodedValue; readonly next: number } | { readonly why: string };

function fixedAt(data: Buffer, from: number, type: string): Read | undefined {
  const fixed = fixedTypes[type];
  if (!fixed) return { why: `values of type ${type} are not decoded` };
  const at = Math.ceil(from / fixed.bytes) * fixed.bytes;
  const bytes = data.subarray(at, at + fixed.bytes);
  if (bytes.length < fixed.bytes) return undefined;
  return { value: { json: fixed.json(bytes), bytes }, next: at + fixed.bytes };
}

/** A short one has a header of one byte and no alignment; padding is of zeros, which no header begins with. */
function textAt(data: Buffer, from: number): Read | undefined {
  const first = data[from];
  if (first === undefined) return undefined;
  if (first === 1) return { why: 'its value is stored out of line (TOAST)' };
  if (first % 2 === 1) return textOf(data, from + 1, from + (first >> 1));
  const at = first === 0 ? Math.ceil(from / 4) * 4 : from;
  if (at % 4 !== 0 || at + 4 > data.length) return undefined;
  const header = data.readUInt32LE(at);
  const to = at + (header >>> 2);
  if ((header & 3) === 2) return compressedAt(data, at, to);
  return (header & 3) === 0 ? textOf(data, at + 4, to) : undefined;
}

/** How long it was, and by which method it was compressed, come before what is compressed. */
function compressedAt(data: Buffer, at: number, to: number): Read | undefined {
  if (at + 8 > to || to > data.length) return undefined;
  const about = data.readUInt32LE(at + 4);
  if (about >>> 30 !== 0) return { why: 'its value is compressed (lz4)' };
  const text = decompressed(data.subarray(at + 8, to), about & 0x3fffffff);
  const read = text && textOf(text, 0, text.length);
  return read && ('why' in read ? read : { ...read, next: to });
}

function textOf(data: Buffer, from: number, to: number): Read | undefined {
  if (to < from || to > data.length) return undefined;
  const bytes = data.subarray(from, to);
  try {
    return { value: { json: JSON.stringify(utf8.decode(bytes)), bytes }, next: to };
  } catch {
    return undefined;
  }
}

/** As a session of time zone UTC shows it. Units: microseconds since 2000. */
function timeOf(microseconds: bigint): string {
  const second = microseconds / 1_000_000n;
  const rest = microseconds - second * 1_000_000n;
  const [whole, part] = rest < 0n ? [second - 1n, rest + 1_000_000n] : [second, rest];
  const text = new Date(Date.UTC(2000, 0, 1) + Number(whole) * 1000).toISOString().slice(0, 19);
  const fraction = part === 0n ? '' : `.${String(part).padStart(6, '0').replace(/0+$/, '')}`;
  return JSON.stringify(`${text}${fraction}+00:00`);
}
