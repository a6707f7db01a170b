import { expect, test } from 'vitest';
import type { Operation } from '../../../src/contracts/workload.ts';
import { NotCommitted, sendOperation } from '../../../src/load/send-operation.ts';
import { withTransactionOptions } from '../../../src/load/transaction-options.ts';
import { connect } from '../../../src/pg/connect.ts';
import { openingStatement } from '../../../src/routes/pooled-session.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const sql = (text: string) => ({ text, values: [] });
const transaction = (...texts: readonly string[]): Operation => ({
  kind: 'insert',
  seq: 0,
  count: 1,
  version: 0,
  before: texts.slice(0, -1).map(sql),
  statement: sql(texts.at(-1) ?? ''),
});

test('a transaction is failed where nothing can have committed, and its COMMIT alone leaves doubt', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  const open = () => connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
  await using session = await open();
  await using other = await open();
  await session.rows('CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
  const rows = async () =>
    (await other.rows<{ n: number }>('SELECT n FROM t ORDER BY n')).map(({ n }) => n);

  await sendOperation(session, transaction('INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)'));
  expect(await rows()).toEqual([1, 2]);

  const broken = sendOperation(session, transaction('INSERT INTO t VALUES (3)', 'SELECT 1 / 0'));
  await expect(broken).rejects.toMatchObject({ name: 'NotCommitted', sqlState: '22012' });
  // The connection goes on in no transaction.
  await sendOperation(session, transaction('SELECT 1', 'INSERT INTO t VALUES (4)'));
  expect(await rows()).toEqual([1, 2, 4]);

  const deferred = sendOperation(session, transaction('SELECT 1', 'INSERT INTO t VALUES (4)'));
  await expect(deferred).rejects.toMatchObject({ name: 'SqlError', sqlState: '23505' });

  const cut = sendOperation(
    session,
    transaction(
      'INSERT INTO t VALUES (5)',
      'SELECT pg_terminate_backend(pg_backend_pid())',
      'INSERT INTO t VALUES (6)',
    ),
  );
  await expect(cut).rejects.toThrow(NotCommitted);
  expect([session.isOpen, await rows()]).toEqual([false, [1, 2, 4]]);
});

test('behind a pooler of transactions each one has its settings, names its server and prepares nothing', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  await using session = await connect(server.tcpEndpoint, server.credentials, {
    connectTimeoutMs: 5_000,
    settings: 'pooled',
  });
  await session.rows('CREATE TABLE t (level text)');
  await session.rows("SET client_min_messages = 'error'");
  const heard: unknown[] = [];
  const opening = {
    statement: openingStatement({ settings: { work_mem: '1MB' } }, 'transaction'),
    heard: (found: unknown) => void heard.push(found),
  };
  const named = {
    name: 'named',
    text: `INSERT INTO t SELECT current_setting('client_min_messages') || ' ' || current_setting('work_mem')`,
    values: [],
  };
  const write = { kind: 'insert', seq: 0, count: 1, version: 0, statement: named } as const;
  await sendOperation(session, write, opening);
  const { host, port } = server.tcpEndpoint;
  expect(heard).toMatchObject([{ address: host, port }]);
  expect(await session.rows('SELECT level FROM t')).toEqual([{ level: 'warning 1MB' }]);
  // Only until the end of the transaction: the connection to the server is another client's then.
  const [after] = await session.rows(`SELECT current_setting('client_min_messages') AS level,
    (SELECT count(*)::int FROM pg_prepared_statements) AS prepared`);
  expect(after).toEqual({ level: 'error', prepared: 0 });
});

test('a transaction has the isolation level, synchronous_commit and savepoints that the load says', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows('CREATE TABLE t (n int)');
  const settings = `SELECT current_setting('transaction_isolation') AS isolation,
    current_setting('synchronous_commit') AS commit, (SELECT count(*)::int FROM t) AS rows`;
  const own = transaction('INSERT INTO t VALUES (1)', settings);
  const writer = withTransactionOptions(
    { next: () => own, settle: () => undefined },
    { isolation: 'serializable', synchronousCommit: 'off', savepoints: true },
  );
  const { rows } = await sendOperation(session, writer.next());
  expect(rows).toEqual([{ isolation: 'serializable', commit: 'off', rows: 1 }]);
  expect(await session.rows(settings)).toEqual([
    { isolation: 'read committed', commit: 'on', rows: 1 },
  ]);
});
