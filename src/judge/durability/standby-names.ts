/**
 * How many standbys a COMMIT waits for: 0 for none.
 * Shape: PostgreSQL's synchronous_standby_names: '', 'a, b', '2 (a, b)', 'FIRST 2 (a, b)', 'ANY 1 (*)'.
 * Source: PostgreSQL, syncrep_gram.y: a bare list is FIRST 1.
 */
export function standbysWaitedFor(names: string): number {
  const trimmed = names.trim();
  if (trimmed === '') return 0;
  const [, count] = /^(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(/i.exec(trimmed) ?? [];
  return count === undefined ? 1 : Number(count);
}
