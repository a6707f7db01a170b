import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { SalvagedRow, SalvageTable } from '../../../src/contracts/salvage.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { putRowsBack, putTransactionsBack } from '../../../src/salvage/put-back.ts';
import { rowsByKey, rowsByTransaction, tablesOf } from '../../../src/salvage/row-images.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres.ts';

/* SQL that puts lost rows back, on a real server: the rows are removed, and their images are all that is left. */

let server: PostgresServer;
let session: Session;
let tables: ReadonlyMap<string, SalvageTable>;

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres());
  const login = { connectTimeoutMs: 20_000 };
  session = owned.use(await connect(server.endpoint, server.credentials, login));
});

beforeEach(async () => {
  await session.rows('DROP SCHEMA IF EXISTS app CASCADE');
  await session.rows('CREATE SCHEMA app');
  await session.rows(
    `CREATE TABLE app."Odd ""name" (id bigint PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY, twice bigint GENERATED ALWAYS AS (id * 2) STORED,
       tags text[], body jsonb, raw bytea, amount numeric, at timestamptz, ratio float8)`,
  );
  await session.rows('CREATE TABLE app.note (kind text, n int)');
  await session.rows('CREATE TABLE app.witness (writer int, seq int, PRIMARY KEY (writer, seq))');
  await session.rows(
    `INSERT INTO app."Odd ""name" (id, tags, body, raw, amount, at, ratio) VALUES
       (9007199254740993, '{"a,b",NULL,"c\\\\d"}', '{"it''s": [1.10]}', '\\xdead', 12345678901234567890.10, '2026-01-02 03:04:05.678901+00', 0.1),
       (2, NULL, NULL, NULL, NULL, NULL, 'NaN')`,
  );
  tables = new Map((await tablesOf(session, () => false)).map((table) => [table.name, table]));
});

const tableOf = (name: string): SalvageTable => {
  const table = tables.get(name);
  if (!table) throw new Error(`no table ${name}`);
  return table;
};

const lostRow = (row: Partial<SalvagedRow> & Pick<SalvagedRow, 'table'>): SalvagedRow => ({
  writer: 0,
  seq: 0,
  kind: 'insert',
  xid: '700',
  key: '{}',
  lost: null,
  present: null,
  conflict: 'absent',
  isAsSent: null,
  ...row,
});

async function imagesOf(table: SalvageTable): Promise<readonly string[]> {
  const [found] = await session.rows<{ xids: string[] | null }>(
    `SELECT array_agg(DISTINCT xmin::text) AS xids FROM app."${table.name.replaceAll('"', '""')}"`,
  );
  return (await rowsByTransaction(session, table, found?.xids ?? []))
    .map(({ image }) => image)
    .sort();
}

test('rows of every type come back exactly, and a second time changes nothing', async () => {
  const table = tableOf('Odd "name');
  const before = await imagesOf(table);
  expect(before).toHaveLength(2);
  const { text, writes } = putRowsBack(before.map((lost) => lostRow({ table, lost })));
  await session.rows('DELETE FROM app."Odd ""name"');
  for (const _ of [1, 2]) {
    await session.rows(text);
    expect(await imagesOf(table)).toEqual(before);
  }
  expect(writes).toBe(2);
});

test('a row of a table without a key comes back once', async () => {
  const table = tableOf('note');
  await session.rows("INSERT INTO app.note VALUES ('opened', NULL)");
  const before = await imagesOf(table);
  const { text } = putRowsBack(before.map((lost) => lostRow({ table, lost, key: lost })));
  await session.rows('DELETE FROM app.note');
  for (const _ of [1, 2]) await session.rows(text);
  expect(await imagesOf(table)).toEqual(before);
});

test('a lost update and a lost delete are done again only where the row is as it was', async () => {
  const table = tableOf('Odd "name');
  const key = '{"id": 2}';
  const present = (await rowsByKey(session, table, [key])).get(key)?.image ?? '';
  await session.rows('UPDATE app."Odd ""name" SET amount = 5 WHERE id = 2');
  const lost = (await rowsByKey(session, table, [key])).get(key)?.image ?? '';
  const changed = lostRow({ table, key, kind: 'update', lost, present, conflict: 'unchanged' });
  const { text: change } = putRowsBack([changed]);
  await session.rows('UPDATE app."Odd ""name" SET amount = 6 WHERE id = 2');
  await session.rows(change);
  expect((await rowsByKey(session, table, [key])).get(key)?.image).toContain('"amount": 6');
  await session.rows('UPDATE app."Odd ""name" SET amount = NULL WHERE id = 2');
  await session.rows(change);
  expect((await rowsByKey(session, table, [key])).get(key)?.image).toBe(lost);
  const removed = { table, key, kind: 'delete', present: lost, conflict: 'unchanged' } as const;
  await session.rows(putRowsBack([lostRow(removed)]).text);
  expect((await rowsByKey(session, table, [key])).size).toBe(0);
});

test('what was written since is left alone and named', () => {
  const table = tableOf('note');
  const row = { table, key: '{"n": 1}', lost: '{"n": 1}', present: '{"n": 2}' };
  expect(putRowsBack([lostRow({ ...row, conflict: 'overwritten' })])).toEqual({
    text: '-- left out, overwritten on the primary: insert of "app"."note" {"n": 1}\n',
    writes: 0,
  });
});

const witnessed = (seq: number, conflict: SalvagedRow['conflict'], isComplete = true) => {
  const note = `{"n": ${seq}, "kind": "it's"}`;
  const own = `{"seq": ${seq}, "writer": 4}`;
  const about = { writer: 4, seq };
  const rows = [
    lostRow({ ...about, table: tableOf('note'), key: note, lost: note, conflict }),
    lostRow({ ...about, table: tableOf('witness'), key: own, lost: own }),
  ];
  return { rows, isComplete };
};
const countOf = async (table: string) =>
  (await session.rows<{ n: number }>(`SELECT count(*)::int AS n FROM app.${table}`))[0]?.n;

test('transactions come back with their witness, once', async () => {
  const { text, writes } = putTransactionsBack([witnessed(1, 'absent'), witnessed(2, 'absent')]);
  for (const _ of [1, 2]) await session.rows(text);
  expect([writes, await countOf('note'), await countOf('witness')]).toEqual([2, 2, 2]);
});

test('a value that would end its block, or its comment, is put back as any other', async () => {
  const hostile = "it's $forkpoint_salvage$; DROP TABLE app.witness; --";
  const note = JSON.stringify({ n: 1, kind: hostile });
  const { rows, isComplete } = witnessed(1, 'absent');
  const [row, witness] = rows;
  const { text } = putTransactionsBack([
    { rows: [{ ...row!, key: note, lost: note }, witness!], isComplete },
  ]);
  await session.rows(text);
  const found = await session.rows<{ kind: string }>('SELECT kind FROM app.note');
  expect([found, await countOf('witness')]).toEqual([[{ kind: hostile }], 1]);
  const key = 'a\nDROP TABLE app.witness;';
  const left = putRowsBack([lostRow({ table: tableOf('note'), key, conflict: 'overwritten' })]);
  expect(left.text.trimEnd().split('\n')).toHaveLength(1);
});

test('one row that was written since takes the whole transaction back', async () => {
  const { text } = putTransactionsBack([witnessed(1, 'absent')]);
  // The row is there since, and its witness is not.
  await session.rows("INSERT INTO app.note VALUES ('it''s', 1)");
  await session.rows(text);
  expect([await countOf('note'), await countOf('witness')]).toEqual([1, 0]);
});

test('where rows were overwritten, only what no other lost transaction can have touched is put back', () => {
  const contested = putTransactionsBack([witnessed(1, 'absent'), witnessed(2, 'overwritten')]);
  expect(contested.writes).toBe(0);
  expect(contested.text).toContain('-- left out: transaction of writer 4, seq 1, xid 700');
});
