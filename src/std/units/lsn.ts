/** WAL positions. Shape: text 'X/Y', two hexadecimal halves of 32 bits, as PostgreSQL's pg_lsn shows them. */
const pattern = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** Units: bytes of WAL since the cluster began. Errors: TypeError when the text is no LSN. */
export function parseLsn(text: string): bigint {
  const [, high, low] = pattern.exec(text) ?? [];
  if (high === undefined || low === undefined) throw new TypeError(`not an LSN: '${text}'`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** The same as a number, exact below 2^53, which is 8 PiB of WAL; NaN when it is no LSN. */
export function lsnNumber(text: string): number {
  const [high, low] = text.split('/');
  return parseInt(high ?? '', 16) * 2 ** 32 + parseInt(low ?? '', 16);
}

/** '0/3000060', as PostgreSQL writes it. A number is exact below 2^53, which is 8 PiB of WAL. */
export function formatLsn(lsn: bigint | number): string {
  const half = (value: bigint | number) => value.toString(16).toUpperCase();
  if (typeof lsn === 'number') return `${half(Math.floor(lsn / 2 ** 32))}/${half(lsn % 2 ** 32)}`;
  return `${half(lsn >> 32n)}/${half(lsn & 0xffffffffn)}`;
}

/** Bytes of WAL from `from` to `to`; negative when `to` is behind. */
export function lsnDistance(to: string, from: string): number {
  return Number(parseLsn(to) - parseLsn(from));
}

const pageBytes = 8192n;
/** The smallest wal_segment_size: every segment starts at a multiple of it. */
const segmentBytes = 1n << 20n;

/**
 * The primary's insert position is past the header of a page that has just begun; a replica's replay position stays
 * before it until the next record. Between the two is nothing to replay. (PostgreSQL, xlog.c: 24 bytes, 40 at the
 * start of a segment.)
 */
export function withoutPageHeader(lsn: string): string {
  const position = parseLsn(lsn);
  const isAfterLong = position % segmentBytes === 40n;
  const isAfterShort = position % pageBytes === 24n;
  if (isAfterLong) return formatLsn(position - 40n);
  return isAfterShort ? formatLsn(position - 24n) : lsn;
}
