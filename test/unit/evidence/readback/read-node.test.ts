import { beforeAll, describe, expect, it } from 'vitest';
import { hashPartition } from '../../../../src/judge/ledger/table-partitions.ts';
import { hashInt4Extended } from '../../../../src/pg/checksum.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';
import {
  expectation,
  expectationsOf,
  readAll,
  readCounted,
  whole,
} from '../../../helpers/read-back.ts';

let server: PostgresServer;
let session: Session;
let runs = 0;

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  session = owned.use(
    await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
  );
});

/** Two writers of 10,000 rows: blocks of 4,096, so two full ones and a part of a third each. */
async function damaged(...statements: readonly string[]): Promise<LedgerTable> {
  const size = { runId: `run${runs++}`, writers: 2, rowsPerWriter: 10_000, payloadBytes: 40 };
  const table = await fillLedger(server, size);
  for (const text of statements) await session.rows(text.replaceAll('ledger', table.name));
  return table;
}

const block0 = [0, 4095];
const block1 = [4096, 8191];
const block2 = [8192, 12_287];

describe('reading a table back', () => {
  it('reads no single row if every block is as expected, full or not', async () => {
    const table = await damaged();
    for (const content of [true, false]) {
      expect(await readCounted(server, table, expectationsOf(table), content)).toEqual({
        rows: 20_000,
        foreign: [],
        partitions: [],
        rowReads: [],
        writers: [whole(table), whole(table, { writer: 1 })],
      });
    }
  });

  it('names the first, the last and scattered missing rows, and reads only their blocks', async () => {
    const table = await damaged('DELETE FROM ledger WHERE writer = 1 AND seq IN (0, 17, 18, 9999)');
    const present = [
      [1, 16],
      [19, 9998],
    ] as const;
    expect(await readCounted(server, table, expectationsOf(table))).toEqual({
      rows: 19_996,
      foreign: [],
      partitions: [],
      writers: [whole(table), whole(table, { writer: 1, present })],
      rowReads: [
        [1, ...block0],
        [1, ...block2],
      ],
    });
  });

  it('needs no single row to see that a whole block is missing', async () => {
    const table = await damaged(
      'DELETE FROM ledger WHERE writer = 0 AND seq BETWEEN 4096 AND 8191',
    );
    const present = [
      [0, 4095],
      [8192, 9999],
    ] as const;
    expect(await readCounted(server, table, expectationsOf(table))).toEqual({
      rows: 15_904,
      foreign: [],
      partitions: [],
      rowReads: [],
      writers: [whole(table, { present }), whole(table, { writer: 1 })],
    });
  });

  it.each([
    ['twice', 1, 2],
    ['three times, which an exclusive or alone would miss', 2, 3],
  ])('names a row that is present %s', async (_title, extra, copies) => {
    const table = await damaged();
    await session.rows(`ALTER TABLE ${table.name} DROP CONSTRAINT ledger_pkey`);
    for (let copy = 0; copy < extra; copy++) {
      await session.rows(
        `INSERT INTO ${table.name} SELECT DISTINCT * FROM ${table.name} WHERE writer = 0 AND seq = 5000`,
      );
    }
    const found = await readCounted(server, table, expectationsOf(table));
    expect(found).toEqual({
      rows: 20_000 + extra,
      foreign: [],
      partitions: [],
      rowReads: [[0, ...block1]],
      writers: [whole(table, { duplicated: [[5000, copies]] }), whole(table, { writer: 1 })],
    });
  });

  it('names a row with one flipped byte, but not without content checks', async () => {
    const table = await damaged(
      `UPDATE ledger SET payload = overlay(payload placing '!' from 7) WHERE writer = 1 AND seq = 4096`,
    );
    const off = await readCounted(server, table, expectationsOf(table), false);
    expect([off.rowReads, off.writers]).toEqual([[], [whole(table), whole(table, { writer: 1 })]]);
    expect(await readCounted(server, table, expectationsOf(table))).toEqual({
      rows: 20_000,
      foreign: [],
      partitions: [],
      rowReads: [[1, ...block1]],
      writers: [whole(table), whole(table, { writer: 1, corrupted: [4096] })],
    });
  });

  it('names a row that was moved to another key: its content is that of another identity', async () => {
    const table = await damaged(
      'DELETE FROM ledger WHERE writer = 0 AND seq = 10',
      'UPDATE ledger SET seq = 10 WHERE writer = 0 AND seq = 11',
    );
    const present = [
      [0, 10],
      [12, 9999],
    ] as const;
    expect((await readCounted(server, table, expectationsOf(table))).writers).toEqual([
      whole(table, { present, corrupted: [10] }),
      whole(table, { writer: 1 }),
    ]);
  });

  it('verifies thousands of updated rows by digest, and names the one reverted by a version', async () => {
    const update = (version: number, where: string) => `UPDATE ledger SET version = ${version},
      checksum = hashtextextended(payload, ${version}::int8 << 32 | seq) # writer::int8 WHERE ${where}`;
    const table = await damaged(update(3, 'writer = 1'));
    const versions = new Map(Array.from({ length: 10_000 }, (_, seq) => [seq, 3]));
    const expected = expectationsOf(table, expectation(table, { writer: 1, versions }));
    const all = [...versions];
    expect(await readCounted(server, table, expected)).toEqual({
      rows: 20_000,
      foreign: [],
      partitions: [],
      rowReads: [],
      writers: [whole(table), whole(table, { writer: 1, versions: all })],
    });
    await session.rows(update(2, 'writer = 1 AND seq = 9000').replace('ledger', table.name));
    const found = await readCounted(server, table, expected);
    expect([found.rowReads, found.writers[1]]).toEqual([
      [[1, ...block2]],
      whole(table, { writer: 1, versions: all.with(9000, [9000, 2]) }),
    ]);
  });

  it('distinguishes version 1 of row 4 with version 0 of row 5 from the reverse', async () => {
    const table = await damaged(
      `UPDATE ledger SET version = 1, checksum = hashtextextended(payload, 1::int8 << 32 | seq) # writer::int8
        WHERE writer = 0 AND seq = 5`,
    );
    const expected = expectation(table, { versions: new Map([[4, 1]]) });
    const found = await readCounted(server, table, expectationsOf(table, expected));
    expect([found.rowReads, found.writers[0]]).toEqual([
      [[0, ...block0]],
      whole(table, { versions: [[5, 1]] }),
    ]);
  });

  it('reads blocks of uncertain rows row by row, present or not, and no others', async () => {
    const table = await damaged('DELETE FROM ledger WHERE writer = 0 AND seq >= 9990');
    const unsure = { present: [[0, 9979]], uncertain: [[9980, 9999]] } as const;
    const found = await readCounted(
      server,
      table,
      expectationsOf(table, expectation(table, unsure)),
    );
    expect([found.rowReads, found.writers]).toEqual([
      [[0, ...block2]],
      [whole(table, { present: [[0, 9989]] }), whole(table, { writer: 1 })],
    ]);
  });

  it('finds rows past the expected end, up to the last key, and rows of no writer of the run', async () => {
    const table = await damaged(
      `INSERT INTO ledger SELECT writer, seq, 0, hashtextextended('', seq::int8) # writer::int8, '' FROM
         (VALUES (0, 10003), (0, 2147483647), (1, -3), (7, 1), (7, 90000)) AS stranger (writer, seq)`,
    );
    const found = await readCounted(server, table, expectationsOf(table));
    expect(found).toEqual({
      rows: 20_005,
      partitions: [],
      foreign: [{ writer: 7, count: 2, seqs: [1, 90_000] }],
      writers: [
        whole(table, {
          present: [
            [0, 9999],
            [10_003, 10_003],
            [2147483647, 2147483647],
          ],
        }),
        whole(table, {
          writer: 1,
          present: [
            [-3, -3],
            [0, 9999],
          ],
        }),
      ],
      rowReads: [
        [0, ...block2],
        [0, 2147479552, 2147483647],
        [1, -4096, -1],
      ],
    });
  });

  it('counts rows by table partition from their hashes, and returns server-generated ids as ranges', async () => {
    const params = { serverIds: true, partitions: 3 };
    const size = { runId: 'parts', writers: 2, rowsPerWriter: 500, payloadBytes: 40, params };
    const table = await fillLedger(server, size);
    await session.rows(`DELETE FROM ${table.name} WHERE id IN (1, 500, 501)`);
    const names = ['ledger_0', 'ledger_1', 'ledger_2'];
    const { nodes } = await readAll(server, table, {
      table: { name: 'ledger', partitions: names, idColumn: 'id' },
    });
    const left = nodes[0]!.writers.flatMap(({ writer, present }) => {
      const partitionOf = hashPartition(writer, 3, hashInt4Extended);
      return present.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, index) => partitionOf(from + index)),
      );
    });
    expect({ partitions: nodes[0]?.partitions, ids: nodes[0]?.ids }).toEqual({
      partitions: names.map((name, remainder) => ({
        name,
        rows: left.filter((partition) => partition === remainder).length,
      })),
      ids: [
        [2, 499],
        [502, 1000],
      ],
    });
  });
});
