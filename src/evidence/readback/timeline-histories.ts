import type { ReadBack } from '../../contracts/evidence.ts';
import type { Session } from '../../pg/session.ts';
import { parseHistory } from '../../pg/timeline.ts';

/**
 * The ancestors of the server's newest timelines.
 * Shape: one entry per pg_wal/NNNNNNNN.history file, ascending; ancestors oldest first.
 * Errors: SqlError where the login may not read server files (superuser or pg_read_server_files).
 */
export async function readHistory(session: Session): Promise<ReadBack['history']> {
  const files = await session.rows<{ name: string; text: string }>(
    `SELECT name, pg_read_file('pg_wal/' || name) AS text FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{8}[.]history$' ORDER BY name`,
  );
  return files.map(({ name, text }) => ({
    timeline: Number.parseInt(name.slice(0, 8), 16),
    ancestors: parseHistory(text),
  }));
}
