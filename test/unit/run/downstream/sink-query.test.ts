import { beforeAll, expect, test } from 'vitest';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import {
  rowsOfQuery,
  sinkQueryOf,
  untilSameWrites,
} from '../../../../src/run/downstream/sink-query.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres } from '../../../helpers/postgres.ts';

const owned = ownedBySuite();
const source = { schema: 'Run 1', table: 'ledger' };
const own = (text: string) => ({ text, hasVersion: false });
let session: Session;
beforeAll(async () => {
  const { endpoint, credentials } = owned.use(
    await startPostgres({ parameters: { fsync: 'off' } }),
  );
  session = owned.use(await connect(endpoint, credentials, { connectTimeoutMs: 5_000 }));
  await session.rows('CREATE SCHEMA "Run 1"');
  await session.rows(
    'CREATE TABLE "Run 1".ledger AS SELECT 1 AS writer, seq FROM generate_series(0, 4) seq',
  );
});

test('{table} is the quoted name of the table at the source, wherever it stands', () => {
  const sink = { dsn: 'host=dw', query: "SELECT $1 FROM x WHERE t = '{table}' OR u = '{table}'" };
  expect(sinkQueryOf({ name: 'etl', consumer: 'own', sink }, [source])).toEqual({
    text: `SELECT $1 FROM x WHERE t = '"Run 1"."ledger"' OR u = '"Run 1"."ledger"'`,
    hasVersion: false,
  });
});

test('numbers may come as text, and what does not say whether it is sound is not taken for sound', async () => {
  const query = "SELECT '7'::text AS writer, 3::bigint AS seq UNION ALL SELECT '8', 4";
  expect(await rowsOfQuery(session, 'etl', own(query))).toEqual([
    { writer: 7, seq: 3, version: 0, sound: null },
    { writer: 8, seq: 4, version: 0, sound: null },
  ]);
  const [row] = await rowsOfQuery(
    session,
    'etl',
    own('SELECT 1 AS writer, 2 AS seq, false AS sound'),
  );
  expect(row?.sound).toBe(false);
});

test.each([
  ['SELECT 1 AS writer', 'must give writer, seq of each delivery: .*column "seq" does not exist'],
  // Its rows would be none, and every write missing.
  ['SELECT 1 AS writer WHERE false', 'column "seq" does not exist'],
  ['SELECT 1 AS writer, 2 AS seq; SELECT 3', 'syntax error'],
  ['SELECT 1.5 AS writer, 1 AS seq', 'a whole number as writer, and a row has "1.5"'],
  ['SELECT 1 AS writer, NULL AS seq', 'a whole number as seq, and a row has null'],
])('%s is refused: %s', async (query, said) => {
  await expect(rowsOfQuery(session, 'etl', own(query))).rejects.toThrow(new RegExp(said));
});

test('it waits for the very writes of the primary: as many others are not enough, and twice counts once', async () => {
  const sessions = { primary: session, sink: session, sources: [source] };
  const { signal } = new AbortController();
  const wait = (query: string, timeoutMs: number) =>
    untilSameWrites({ name: 'etl', query: own(query) }, sessions, { timeoutMs, signal });
  const rows = (seqs: string) => `SELECT 1 AS writer, unnest(ARRAY[${seqs}]) AS seq`;
  await wait(rows('0, 1, 1, 2, 3, 4'), 30_000);
  await expect(wait(rows('0, 1, 2, 3, 9'), 300)).rejects.toThrow(
    'waiting until consumer etl has delivered all',
  );
  await expect(wait('SELECT 1 AS author', 300)).rejects.toThrow(
    /`SELECT 1 AS author`: .*column "writer" does not exist/,
  );
});
