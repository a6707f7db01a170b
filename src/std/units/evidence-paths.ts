/** A copy of a data directory in a run's folder, by its name there: thousands of files, with all that the server knows. */
export function isServerData(name: string): boolean {
  return /^evidence\/[^/]+\/data$/.test(name);
}

/** What holds rows in the clear, by its name in a run's folder: WAL, what was salvaged, and what consumers keep for their sinks. */
export function holdsRows(name: string): boolean {
  // A consumer's own folder: what it had read when it was killed.
  if (/^downstream\/[^/]+\//.test(name)) return true;
  return /^evidence\/(?:[^/]+\/pg_wal\/[0-9A-F]{24}|salvaged?\.(?:csv|sql)|present\.json)$/.test(
    name,
  );
}
