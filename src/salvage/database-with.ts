import { ClusterError } from '../std/errors.ts';
import type { StandaloneServer } from './standalone.ts';

/** The database of a copy that has the run's schema. Errors: ClusterError when none has. */
export async function databaseWith(
  server: Pick<StandaloneServer, 'session'>,
  schema: string,
): Promise<string> {
  await using first = await server.session('postgres');
  const all = await first.rows<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY oid',
  );
  for (const { name } of all) {
    await using session = await server.session(name);
    const found = await session.rows('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (found.length > 0) return name;
  }
  throw new ClusterError(
    `the copy has no schema ${schema} in ${all.map(({ name }) => name).join(', ')}: it was taken before the run made it`,
  );
}
