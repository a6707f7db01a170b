import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../../src/pg/connect.ts';
import { type Answer, type Session, SqlError } from '../../../../src/pg/session.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

let server: PostgresServer;
const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  await using session = await open();
  await session.rows('create table one (n int primary key, at xid8 default pg_current_xact_id())');
  await session.rows(`create table late (n int primary key, ref int references one deferrable
    initially deferred)`);
});

const open = () => connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
const insert = (n: unknown) => ({
  name: 'insert_one',
  text: 'insert into one (n) values ($1) returning n, at::text',
  values: [n],
});

/** What became of each, in the order in which it was known. */
async function submitAll(session: Session, statements: readonly Parameters<Session['query']>[0][]) {
  const known: (Answer<Record<string, unknown>> | SqlError)[] = [];
  await new Promise<void>((resolve) => {
    for (const statement of statements) {
      session.submit<Record<string, unknown>>(statement, (answer) => {
        known.push(answer);
        if (known.length === statements.length) resolve();
      });
    }
  });
  return known;
}

const stateOf = (answer: unknown) => (answer instanceof SqlError ? answer.sqlState : 'done');

describe('statements on their way at the same time', () => {
  it('are transactions of their own: one that fails leaves the others', async () => {
    await using session = await open();
    const known = await submitAll(session, [1, 2, 1, 'three', 4].map(insert));
    expect(known.map(stateOf)).toEqual(['done', 'done', '23505', '22P02', 'done']);
    const rows = await session.rows('select n, at::text from one where n < 10 order by n');
    expect(rows).toEqual(known.flatMap((each) => (each instanceof Error ? [] : each.rows)));
    expect(new Set(rows.map((row) => (row as { at: string }).at)).size).toBe(3);
  });

  it('fail by what the server says at their commit, after their rows', async () => {
    await using session = await open();
    const text = 'insert into late values ($1, $2) returning n';
    const statements = [
      [1, 999],
      [2, null],
    ].map((values) => ({ name: 'insert_late', text, values }));
    const known = await submitAll(session, statements);
    expect(known.map(stateOf)).toEqual(['23503', 'done']);
    expect(await session.rows('select n from late')).toEqual([{ n: 2 }]);
  });

  it('are answered in order, those that the server has not answered by the end of the connection', async () => {
    await using session = await open();
    const sleep = { name: 'sleep', text: 'select pg_sleep(30)', values: [] };
    const submitted = submitAll(session, [insert(20), insert(21), sleep, insert(22)]);
    await using other = await open();
    await expect
      .poll(() => other.rows('select n from one where n between 20 and 22 order by n'))
      .toEqual([{ n: 20 }, { n: 21 }]);
    await other.rows(`select pg_terminate_backend(pid) from pg_stat_activity
      where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`);
    const known = await submitted;
    expect(known.map(stateOf)).toEqual(['done', 'done', '57P01', '']);
    expect(await other.rows('select n from one where n = 22')).toEqual([]);
    await expect(session.query(insert(23))).rejects.toThrow(SqlError);
  });

  it('bring what the server says of each with its answer', async () => {
    await using session = await open();
    const text = `select set_config('a.b', $1, false), case when $2 then raise_it() end`;
    await session.rows(`create function raise_it() returns void language plpgsql as
      $$ begin raise warning 'careful'; end $$`);
    const statements = [false, true, false].map((raises) => ({
      name: 'raise',
      text,
      values: ['x', raises],
    }));
    const known = await submitAll(session, statements);
    expect(known.map((each) => (each instanceof Error ? each : each.notices?.length))).toEqual([
      undefined,
      1,
      undefined,
    ]);
  });

  it('take turns with statements that have no name', async () => {
    await using session = await open();
    const answers = await Promise.allSettled([
      session.query(insert(30)),
      session.rows('select 1/0'),
      session.query(insert(31)),
      session.rows('select 2 as n'),
      session.query(insert(30)),
    ]);
    const outcomes = answers.map((each) =>
      each.status === 'fulfilled' ? 'done' : stateOf(each.reason),
    );
    expect(outcomes).toEqual(['done', '22012', 'done', 'done', '23505']);
  });
});

describe('the values of a prepared statement', () => {
  const text = `select $1::int4[] as ints, $2::int8[]::text[] as longs, $3::text[] as texts,
    $4::bool as yes, $5::jsonb as json, $6::bytea as bytes, $7::numeric as number, $8::text as none`;

  it('arrive as they are: arrays, long texts, bytes and nothing', async () => {
    await using session = await open();
    const values = [
      [0, -1, 2 ** 31 - 1, -(2 ** 31)],
      [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
      ['', 'NULL', 'a"b\\c,{}', 'ünï€😀', 'x'.repeat(200_000)],
      true,
      { a: [1, null] },
      Buffer.from([0, 255, 92]),
      '1.50',
      null,
    ];
    const [row] = (await session.query({ name: 'values', text, values })).rows;
    expect(row).toEqual({
      ints: values[0],
      longs: (values[1] as bigint[]).map(String),
      texts: values[2],
      yes: true,
      json: { a: [1, null] },
      bytes: Buffer.from([0, 255, 92]),
      number: '1.50',
      none: null,
    });
  });

  it('are refused by the server where they do not fit', async () => {
    await using session = await open();
    const sums = ['int4[]', 'int8[]'].map((type) => ({
      name: `sum_${type.slice(0, 4)}`,
      text: `select cardinality($1::${type}) as n`,
    }));
    const [ints, longs] = sums;
    const values = [[[2 ** 31]], [[1.5]], [[null, 3]], [[[1], [2]]], [[]]];
    const known = [
      ...(await submitAll(
        session,
        values.map((each) => ({ ...ints!, values: each })),
      )),
      ...(await submitAll(
        session,
        [[[2n ** 63n]], [['7', 8]]].map((each) => ({ ...longs!, values: each })),
      )),
    ];
    expect(known.map((each) => (each instanceof Error ? each.sqlState : each.rows[0]?.n))).toEqual([
      '22003',
      '22P02',
      2,
      2,
      0,
      '22003',
      2,
    ]);
  });
});

it('a statement is prepared once, also by those that are sent before it is', async () => {
  await using session = await open();
  const known = await submitAll(session, [40, 41, 42].map(insert));
  expect(known.map(stateOf)).toEqual(['done', 'done', 'done']);
  const rows = await session.rows(
    'select name, generic_plans + custom_plans as n from pg_prepared_statements',
  );
  expect(rows).toEqual([{ name: 'insert_one', n: '3' }]);
});
