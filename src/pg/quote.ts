/** Any name as an SQL identifier. Source: PostgreSQL, quote_ident. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('an SQL name cannot hold a zero byte');
  return `"${name.replaceAll('"', '""')}"`;
}
