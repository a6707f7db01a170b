/** Any name as an SQL identifier. Source: PostgreSQL, quote_ident. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('an SQL name cannot hold a zero byte');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Any text as an SQL string. Source: PostgreSQL, quote_literal. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new TypeError('SQL text cannot hold a zero byte');
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
