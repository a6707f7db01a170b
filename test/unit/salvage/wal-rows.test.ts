import path from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { unbroken, walSegments } from '../../../src/pg/wal/segments.ts';
import { rowsInWal, type WalRows } from '../../../src/salvage/wal-rows.ts';
import { lsnNumber } from '../../../src/std/units/lsn.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres.ts';

/* Rows that a real server writes past a position, decoded from its WAL alone, and compared with what the server says of them. */

const columns = [
  ['writer', 'int'],
  ['seq', 'int'],
  ['version', 'int'],
  ['checksum', 'bigint'],
  ['payload', 'text'],
  ['n', 'int'],
  ['name', 'text'],
  ['at', 'timestamptz'],
  ['id', 'bigserial'],
].map(([name = '', type = '']) => ({ name, type }));
const writer = 7;
const sealed = (version: number, payload: string) =>
  `${version}, hashtextextended(${payload}, (${version}::int8 << 32) + seq) # ${writer}::int8, ${payload}`;
const text = (seed: string, length: number) =>
  `left((SELECT string_agg(md5(seq || '${seed}' || part), '') FROM generate_series(1, 200) AS part), ${length})`;
const insert = (from: number, to: number, payload: string, n = 'seq') =>
  `INSERT INTO item (writer, seq, version, checksum, payload, n, name, at)
   SELECT ${writer}, seq, ${sealed(0, payload)}, ${n}, CASE WHEN seq % 2 = 0 THEN NULL ELSE 'Zoë "' || seq END,
     '1999-12-31 23:59:59.5+00'::timestamptz + seq * interval '0.25 s' FROM generate_series(${from}, ${to}) AS seq`;
const update = (seq: number, version: number, payload: string) =>
  `UPDATE item SET (version, checksum, payload) = (SELECT ${sealed(version, payload)}) WHERE writer = ${writer} AND seq = ${seq}`;

interface Written {
  readonly found: WalRows;
  /** By key, as the server has them. */
  readonly rows: ReadonlyMap<string, string>;
}

async function written(
  server: PostgresServer,
  before: (session: Session) => Promise<void>,
  after: (session: Session) => Promise<void>,
  { isFromFork = false } = {},
): Promise<Written> {
  const options = { connectTimeoutMs: 5_000 };
  await using session = await connect(server.endpoint, server.credentials, options);
  await session.rows(`SET timezone = 'UTC'`);
  await session.rows(
    `CREATE TABLE item (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}, PRIMARY KEY (writer, seq))`,
  );
  await before(session);
  await session.rows('CHECKPOINT');
  const [fork] = await session.rows<{ lsn: string; xid: string }>(
    'SELECT pg_current_wal_insert_lsn()::text AS lsn, pg_current_xact_id()::text AS xid',
  );
  await after(session);
  const rows = await session.rows<{ key: string; image: string }>(
    `SELECT format('{"writer": %s, "seq": %s}', writer, seq) AS key, to_jsonb(item)::text AS image
       FROM item WHERE xmin::text::bigint > $1`,
    [fork?.xid],
  );
  await session.rows('SELECT pg_switch_wal()');
  const folder = path.join(server.dataDirectory, 'pg_wal');
  const forkLsn = lsnNumber(fork?.lsn ?? '');
  const all = unbroken(await walSegments(folder), 1);
  const segments = all.filter(({ from, bytes }) => !isFromFork || from + bytes > forkLsn);
  const found = await rowsInWal(segments, forkLsn, { columns, files: 1 });
  return { found, rows: new Map(rows.map(({ key, image }) => [key, image])) };
}

const keyOf = (seq: number) => `{"writer": ${writer}, "seq": ${seq}}`;
const imagesOf = ({ rows }: WalRows) =>
  new Map([...rows].flatMap(([key, row]) => (row ? [[key, row.image] as const] : [])));

async function everyChange(session: Session): Promise<void> {
  // The first of a page after the checkpoint is in the image of the page, the others are not.
  await session.rows(insert(100, 100, text('a', 200)));
  await session.rows(insert(101, 160, text('b', 300)));
  const [{ lines } = { lines: '' }] = await session.rows<{ lines: string }>(
    `SELECT string_agg(concat_ws(E'\\t', ${writer}, seq, 0, hashtextextended(p, seq::int8) # ${writer}, p), E'\\n') || E'\\n' AS lines
       FROM (SELECT seq, ${text('c', 150)} AS p FROM generate_series(200, 400) AS seq) AS made`,
  );
  const copy = 'COPY item (writer, seq, version, checksum, payload) FROM STDIN';
  await session.query({ text: copy, values: [], copied: Buffer.from(lines) });
  for (const seq of [1, 2, 3]) await session.rows(update(seq, 1, text('d', 200)));
  // In place, so only what changed is in the record.
  for (const version of [2, 3]) await session.rows(update(3, version, text('e', 200)));
  await session.rows(update(101, 1, text('f', 250)));
  await session.rows('BEGIN');
  await session.rows(insert(500, 500, text('g', 20)));
  await session.rows('SAVEPOINT s');
  await session.rows(insert(501, 501, text('h', 20)));
  await session.rows('ROLLBACK TO s');
  await session.rows('SAVEPOINT s');
  await session.rows(insert(502, 502, `repeat('Zoë ', 1500)`));
  await session.rows('COMMIT');
  await session.rows('BEGIN');
  await session.rows(insert(600, 600, text('i', 20)));
  await session.rows('ROLLBACK');
  await session.rows(insert(700, 700, text('j', 20), 'NULL::int'));
  await session.rows('DELETE FROM item WHERE seq IN (5, 110)');
}

const seeded = async (session: Session) => {
  await session.rows(insert(0, 40, text('s', 200)));
};

const start = (parameters: Readonly<Record<string, string>>) =>
  startPostgres({ parameters: { fsync: 'off', autovacuum: 'off', ...parameters } });

test.each([
  { wal_level: 'replica' },
  { wal_level: 'logical' },
  { wal_level: 'replica', wal_compression: 'pglz' },
  { wal_level: 'replica', wal_log_hints: 'on' },
  { wal_level: 'replica', full_page_writes: 'off' },
])(
  'every row that committed past a position is decoded from WAL as the server has it: %j',
  async (parameters) => {
    await using server = await start(parameters);
    const { found, rows } = await written(server, seeded, everyChange);
    expect(imagesOf(found)).toEqual(rows);
    expect(rows.size).toBeGreaterThan(260);
    const deleted = [...found.rows].flatMap(([key, row]) => (row === null ? [key] : []));
    expect(new Set(deleted)).toEqual(new Set([keyOf(5), keyOf(110)]));
    expect([...found.unread, ...found.notDecoded]).toEqual([]);
  },
);

test('an update or delete of a row that no WAL shows whole is counted with the reason, and an insert beside it is decoded', async () => {
  await using server = await start({ full_page_writes: 'off' });
  const before = async (session: Session) => {
    await seeded(session);
    await session.rows('SELECT pg_switch_wal()');
  };
  const after = async (session: Session) => {
    await session.rows(update(40, 1, text('d', 200)));
    await session.rows('DELETE FROM item WHERE seq = 5');
    await session.rows(insert(100, 100, text('a', 200)));
  };
  const { found } = await written(server, before, after, { isFromFork: true });
  expect([...imagesOf(found).keys()]).toEqual([keyOf(100)]);
  expect(Object.fromEntries(found.notDecoded)).toEqual({
    'the record has only what the update changed of the row': 1,
    'the deleted row is not in this WAL': 1,
  });
});

test('a value out of line leaves its row unread, and a page image of another compression leaves it unnamed', async () => {
  await using server = await start({ wal_compression: 'lz4' });
  const { found } = await written(server, seeded, async (session) => {
    await session.rows(insert(100, 100, text('a', 200)));
    await session.rows(insert(101, 101, text('b', 5000)));
    await session.rows(insert(102, 102, text('c', 200)));
  });
  expect([...imagesOf(found).keys()]).toEqual([keyOf(102)]);
  expect([...found.unread]).toEqual([
    [keyOf(101), 'payload: its value is stored out of line (TOAST)'],
  ]);
  expect([...found.notDecoded]).toEqual([['full-page image is compressed (lz4)', 1]]);
});

test('a row whose checksum is of other content is none of ours', async () => {
  await using server = await start({});
  const { found } = await written(server, seeded, async (session) => {
    await session.rows(insert(100, 101, text('a', 200)));
    const forged = 'writer, seq + 100, version, checksum, payload, n, name, at, id';
    await session.rows(`INSERT INTO item SELECT ${forged} FROM item WHERE seq = 100`);
  });
  expect([...imagesOf(found).keys()]).toEqual([keyOf(100), keyOf(101)]);
});

test('where more tables than the run has hold such rows, none is taken for a row of the run', async () => {
  await using server = await start({});
  const { found } = await written(server, seeded, async (session) => {
    await session.rows(insert(100, 101, text('a', 200)));
    await session.rows('CREATE TABLE other AS SELECT * FROM item');
  });
  expect([found.rows.size, found.unread.size]).toEqual([0, 0]);
  expect([...found.notDecoded.keys()]).toEqual([
    'rows of 2 files have the shape and checksums of the table, which has 1',
  ]);
});
