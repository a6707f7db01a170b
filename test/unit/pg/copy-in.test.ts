import { beforeAll, beforeEach, expect, test } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import { SqlError, type Session } from '../../../src/pg/session.ts';
import { NotCommitted, sendOperation } from '../../../src/load/send-operation.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
let session: Session;
const open = () =>
  connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000, queryTimeoutMs: 20_000 });
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  session = owned.use(await open());
});
beforeEach(async () => {
  await session.rows('DROP TABLE IF EXISTS copied');
  await session.rows('CREATE TABLE copied (id int PRIMARY KEY, text text)');
});

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\tx\n`).join('');
const copy = (lines: string) => ({
  text: 'COPY copied FROM STDIN',
  values: [],
  copied: Buffer.from(lines),
});
const found = () => session.rows('SELECT count(*)::int AS rows FROM copied');

test('rows are copied, and counted as the server counts them', async () => {
  expect(await session.query(copy(rows(1, 100_000)))).toEqual({ rows: [], rowCount: 100_000 });
  expect(await found()).toEqual([{ rows: 100_000 }]);
});

test('a row that the server refuses is an error with its SQLSTATE, and the session goes on', async () => {
  const error: unknown = await session
    .query(copy(`${rows(1, 9)}9\tagain\n`))
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(SqlError);
  expect(error).toMatchObject({ sqlState: '23505', severity: 'ERROR' });
  expect(await found()).toEqual([{ rows: 0 }]);
});

test('a connection that ends while rows are sent is an error, and not a wait', async () => {
  await using other = await open();
  const [{ pid }] = (await other.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid')) as [
    { pid: number },
  ];
  // The copying session waits for this lock.
  await session.rows('BEGIN');
  await session.rows('LOCK TABLE copied');
  const sent = other.query(copy(rows(1, 100_000))).catch((error: unknown) => error);
  await session.rows('SELECT pg_terminate_backend($1)', [pid]);
  await session.rows('ROLLBACK');
  expect(await sent).toBeInstanceOf(SqlError);
  await expect.poll(() => other.isOpen).toBe(false);
  expect(await found()).toEqual([{ rows: 0 }]);
});

test('other rows than the workload says make its transaction fail, and nothing of it is there', async () => {
  const before = [{ ...copy(rows(1, 3)), touches: [4, 4] as const }];
  const statement = { text: 'SELECT 4 AS touched', values: [] };
  const operation = { kind: 'insert', seq: 0, count: 4, version: 0, before, statement } as const;
  const error: unknown = await sendOperation(session, operation).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(NotCommitted);
  expect(error).toMatchObject({
    sqlState: '02000',
    message: '3 rows touched by `COPY copied FROM STDIN`',
  });
  expect(await found()).toEqual([{ rows: 0 }]);
});
