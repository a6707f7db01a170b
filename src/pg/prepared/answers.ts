import pg from 'pg';

/** Bodies of a server's messages. Source: PostgreSQL, "Message Formats". */

export interface Column {
  readonly name: string;
  /** Of its text. */
  parse(text: string): unknown;
}

/** The driver's types know the OIDs of built-in types only; its function takes any. */
const parserOf: (type: number) => Column['parse'] = pg.types.getTypeParser;

/** ParameterDescription. */
export function parameterTypes(bytes: Buffer, from: number): number[] {
  const count = bytes.readUInt16BE(from);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(from + 2 + 4 * index));
}

/** RowDescription, with the parsers of the driver. */
export function columnsOf(bytes: Buffer, from: number): Column[] {
  const columns: Column[] = [];
  let at = from + 2;
  for (let left = bytes.readUInt16BE(from); left > 0; left--) {
    const end = bytes.indexOf(0, at);
    const name = bytes.toString('utf8', at, end);
    // Table (4), column (2), type (4), its length (2), modifier (4), format (2).
    const type = bytes.readUInt32BE(end + 7);
    columns.push({ name, parse: parserOf(type) });
    at = end + 19;
  }
  return columns;
}

/** DataRow. */
export function rowOf(
  columns: readonly Column[],
  bytes: Buffer,
  from: number,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let at = from + 2;
  for (const column of columns) {
    const length = bytes.readInt32BE(at);
    at += 4;
    row[column.name] = length < 0 ? null : column.parse(bytes.toString('utf8', at, at + length));
    if (length > 0) at += length;
  }
  return row;
}

/** CommandComplete: the number at the end of the tag; 0 where it has none. `to`: after its zero byte. */
export function rowCountOf(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  let worth = 1;
  for (let at = to - 2; at >= from; at--) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    count += digit * worth;
    worth *= 10;
  }
  return count;
}

/** ErrorResponse and NoticeResponse: the fields by their letter. */
export function fieldsOf(bytes: Buffer, from: number): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = from; bytes[at];) {
    const end = bytes.indexOf(0, at);
    fields.set(String.fromCharCode(bytes[at] ?? 0), bytes.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return fields;
}
