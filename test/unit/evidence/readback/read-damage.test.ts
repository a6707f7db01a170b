import { beforeAll, describe, expect, it } from 'vitest';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import type { NodeReading } from '../../../../src/contracts/evidence.ts';
import { problemWith } from '../../../../src/evidence/store/read-json.ts';
import { readBackSchema } from '../../../../src/evidence/store/evidence-schemas.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';
import { expectation, expectationsOf, readAll, whole } from '../../../helpers/read-back.ts';
import type { ReadBackOptions } from '../../../../src/evidence/readback/options.ts';

const owned = ownedBySuite();
let server: PostgresServer;
let session: Session;
let runs = 0;

beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  session = owned.use(
    await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
  );
});

const writers = 2;
const rowsPerWriter = 100;
/** PostgreSQL uses no index for such a small table. */
const manyRows = 10_000;
const partitions = ['ledger_0', 'ledger_1', 'ledger_2'];

/** Two writers of 100 rows; `SCHEMA` is replaced by the schema of the run. */
async function damaged(
  params: { serverIds: boolean; partitions: number; rowsPerWriter?: number },
  ...statements: readonly string[]
): Promise<LedgerTable> {
  const runId = `damage${runs++}`;
  const table = await fillLedger(server, {
    runId,
    writers,
    rowsPerWriter,
    ...params,
    payloadBytes: 40,
    params,
  });
  for (const text of statements) await session.rows(text.replaceAll('SCHEMA', table.schema));
  return table;
}

/** If one row of a block is uncertain, every row of it is read by key. */
const unsure = (table: LedgerTable) =>
  expectationsOf(table, expectation(table, { uncertain: [[0, 0]] }));

/** The read-back is evidence: a later judgement must accept it as unedited. */
async function read(table: LedgerTable, over: Partial<ReadBackOptions> = {}): Promise<NodeReading> {
  const found = await readAll(server, table, over);
  expect(problemWith(readBackSchema, JSON.parse(JSON.stringify(found)))).toBeUndefined();
  return found.nodes[0]!;
}

const plain = { serverIds: false, partitions: 0 };
const open = (...columns: readonly string[]) => [
  'ALTER TABLE SCHEMA.ledger DROP CONSTRAINT ledger_pkey',
  ...columns.map((column) => `ALTER TABLE SCHEMA.ledger ALTER ${column} DROP NOT NULL`),
];
const set = (values: string) => `UPDATE SCHEMA.ledger SET ${values} WHERE writer = 1 AND seq = 7`;

describe('NULL in a NOT NULL column', () => {
  it.each([
    ['payload', 'payload = NULL'],
    ['checksum', 'checksum = NULL'],
    ['version', 'version = NULL'],
    ['payload, checksum', 'payload = NULL, checksum = NULL'],
  ])('in %s is a corrupted row, with and without content checks', async (columns, values) => {
    const table = await damaged(plain, ...open(...columns.split(', ')), set(values));
    for (const content of [true, false]) {
      const found = await read(table, { content });
      expect([found.rows, found.writers]).toEqual([
        200,
        [whole(table), whole(table, { writer: 1, corrupted: [7] })],
      ]);
    }
  });

  it.each([
    ['writer', 'writer = NULL'],
    ['seq', 'seq = NULL'],
    ['writer, seq', 'writer = NULL, seq = NULL'],
  ])('in %s is one missing row, and one that was never sent', async (columns, values) => {
    const table = await damaged(plain, ...open(...columns.split(', ')), set(values));
    const { rows, unkeyed, writers: read0, foreign, structure } = await read(table);
    const present = [
      [0, 6],
      [8, 99],
    ] as const;
    expect({ rows, unkeyed, writers: read0, foreign, structure }).toEqual({
      rows: 200,
      unkeyed: 1,
      foreign: [],
      writers: [whole(table), whole(table, { writer: 1, present })],
      structure: [
        { relation: 'ledger', message: '1 rows have no key: their writer or seq is NULL' },
      ],
    });
  });

  it('in the server-generated id counts as no id, and is reported', async () => {
    const params = { serverIds: true, partitions: 0 };
    const table = await damaged(params, ...open('id'), set('id = NULL'));
    const { ids, structure } = await read(table, {
      table: { name: 'ledger', partitions: [], idColumn: 'id' },
    });
    expect([ids?.map(([from, to]) => to - from + 1), structure]).toEqual([
      [expect.any(Number), expect.any(Number)],
      [{ relation: 'ledger', message: '1 rows have no server-made id: it is NULL' }],
    ]);
  });
});

describe('a flipped sign bit', () => {
  it.each([
    [
      'seq',
      'seq = seq - 2147483648',
      {
        present: [
          [-2147483641, -2147483641],
          [0, 6],
          [8, 99],
        ],
      },
    ],
    ['version', 'version = -2147483648', { versions: [[7, -2147483648]] }],
  ] as const)('in %s is read as it is', async (_column, values, over) => {
    const table = await damaged(plain, set(values));
    const found = await read(table, { content: false });
    expect([found.rows, found.structure, found.writers[1]]).toEqual([
      ...[200, [], whole(table, { writer: 1, ...over })],
    ]);
  });
});

describe('a table partition', () => {
  const params = { serverIds: true, partitions: 3 };
  const withPartitions = { table: { name: 'ledger', partitions, idColumn: 'id' } };

  it('that is detached is a finding, and its rows are present', async () => {
    const table = await damaged(
      params,
      'ALTER TABLE SCHEMA.ledger DETACH PARTITION SCHEMA.ledger_1',
    );
    const found = await read(table, { ...withPartitions, expectations: unsure(table) });
    const own = found.partitions[1]?.rows ?? 0;
    expect([found.rows, found.ids, found.writers, found.structure]).toEqual([
      200,
      [[1, 200]],
      [whole(table), whole(table, { writer: 1 })],
      [
        {
          relation: 'ledger_1',
          message: `this partition is detached: its ${own} rows exist, but no query of the table finds them. ATTACH it again`,
        },
      ],
    ]);
  });

  it('that was dropped is a finding, and its rows are gone', async () => {
    const table = await damaged(params, 'DROP TABLE SCHEMA.ledger_2');
    const found = await read(table, withPartitions);
    const left = found.partitions.reduce((sum, { rows }) => sum + rows, 0);
    expect([found.status, found.rows, found.partitions[2], found.structure]).toEqual([
      ...['read', left, { name: 'ledger_2', rows: 0 }],
      [
        {
          relation: 'ledger_2',
          message: 'this partition does not exist, and its rows are gone with it',
        },
      ],
    ]);
  });
});

describe('a damaged index', () => {
  const ready = (isReady: boolean) => `UPDATE pg_index SET indisready = ${isReady}
    WHERE indexrelid = 'SCHEMA.ledger_pkey'::regclass`;

  it('that lacks a row does not make the row lost', async () => {
    const again = `WITH gone AS (DELETE FROM SCHEMA.ledger WHERE writer = 0 AND seq = 5 RETURNING *)
      INSERT INTO SCHEMA.ledger SELECT * FROM gone`;
    const table = await damaged(
      { ...plain, rowsPerWriter: manyRows },
      ready(false),
      again,
      ready(true),
    );
    const found = await read(table, { expectations: unsure(table) });
    expect([found.rows, found.writers, found.structure]).toEqual([
      2 * manyRows,
      [whole(table), whole(table, { writer: 1 })],
      [
        {
          relation: 'ledger',
          message:
            'an index gives 4095 rows, not the 4096 that a sequential scan counts between keys 0 and 4095 of writer 0. It was read without the index: REINDEX it',
        },
      ],
    ]);
  });

  it('that lacks a row of a foreign writer does not hide the row', async () => {
    const stranger = `INSERT INTO SCHEMA.ledger SELECT 7, 3, 0, hashtextextended('x', 3) # 7, 'x'`;
    const table = await damaged(plain, ready(false), stranger, ready(true));
    const found = await read(table);
    expect([found.foreign, found.structure.map(({ message }) => message)]).toEqual([
      [{ writer: 7, count: 1, seqs: [3] }],
      [
        'an index gives 0 rows, not the 1 that a sequential scan counts, of writer 7. It was read without the index: REINDEX it',
      ],
    ]);
  });
});
