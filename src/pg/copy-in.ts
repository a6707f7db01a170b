import { once } from 'node:events';
import type pg from 'pg';

/**
 * Sends rows with COPY ... FROM STDIN. Returns how many the server took, and no row.
 * Shape: `rows` in the format that the statement names; the text format when it names none.
 * Errors: the driver's, also when the connection breaks in between.
 */
export async function copyIn(
  client: pg.Client,
  text: string,
  rows: Uint8Array,
): Promise<{ readonly rows: never[]; readonly rowCount: number }> {
  // Only now: a start takes no longer for who copies nothing.
  const { from: copyFrom } = await import('pg-copy-streams');
  const stream = client.query(copyFrom(text));
  const done = once(stream, 'finish');
  stream.end(rows);
  await done;
  return { rows: [], rowCount: stream.rowCount };
}
