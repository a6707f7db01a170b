/**
 * SQL: whether a tracked row is what its client sent, by its checksum. `column`: SQL of a column's value; a number may come as text.
 * Source: TrackedTable.
 */
export function soundness(column: (name: string) => string): string {
  const [version, seq] = ['version', 'seq'].map((name) => `(${column(name)})::bigint`);
  return (
    `coalesce(hashtextextended(${column('payload')}, (${version} << 32) | ${seq}) ` +
    `# (${column('writer')})::bigint = (${column('checksum')})::bigint, false)`
  );
}
