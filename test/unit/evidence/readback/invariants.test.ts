import { expect, test } from 'vitest';
import { readInvariants } from '../../../../src/evidence/readback/invariants.ts';
import { connect } from '../../../../src/pg/connect.ts';
import { startPostgres } from '../../../helpers/postgres.ts';

const invariant = (name: string, text: string, ...values: readonly unknown[]) => ({
  name,
  says: 'so it is',
  statement: { text, values },
});

test('an invariant holds with no row, breaks with each, and one that fails by itself is a problem of its own', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const found = await readInvariants(session, [
    invariant('holds', 'SELECT 1 WHERE false'),
    invariant('absent', 'SELECT * FROM nowhere'),
    invariant('writes', 'DELETE FROM pg_class RETURNING 1'),
    invariant('breaks', 'SELECT n FROM generate_series(1, $1::int) AS n', 7),
  ]);
  expect(found).toEqual([
    { name: 'holds', breaches: 0, examples: [] },
    expect.objectContaining({
      name: 'absent',
      breaches: null,
      problem: expect.stringContaining('"nowhere" does not exist') as string,
    }),
    expect.objectContaining({ name: 'writes', breaches: null }),
    {
      name: 'breaks',
      breaches: 7,
      examples: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }],
    },
  ]);
});
