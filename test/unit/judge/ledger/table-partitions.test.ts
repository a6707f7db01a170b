import { beforeAll, describe, expect, it } from 'vitest';
import { partitionLoss, hashPartition } from '../../../../src/judge/ledger/table-partitions.ts';
import { judgePrimary } from '../../../../src/judge/ledger/fates.ts';
import { hashInt4Extended } from '../../../../src/pg/checksum.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { foldInMemory, journal, operation, reading } from '../../../histories/in-memory.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

describe('the hash partition of a row', () => {
  let server: PostgresServer;
  let session: Session;

  const owned = ownedBySuite();
  beforeAll(async () => {
    server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
    session = owned.use(
      await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
    );
    await session.rows('CREATE TABLE rows (writer int, seq int) PARTITION BY HASH (writer, seq)');
  });

  const keys = [0, 1, 2, 15, 63, 4095, 4096, 65_537, 2 ** 31 - 1, -1, -(2 ** 31)].flatMap(
    (writer) => [0, 1, 2, 3, 31, 4095, 1_000_003, 2 ** 31 - 1, -7].map((seq) => ({ writer, seq })),
  );

  it.each([1, 2, 3, 7, 10, 64, 255, 256])(
    'of %i matches satisfies_hash_partition',
    async (modulus) => {
      const rows = await session.rows<{ remainder: number }>(
        `SELECT remainder FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS key (writer, seq, n),
           generate_series(0, $3::int - 1) AS remainder
          WHERE satisfies_hash_partition('rows'::regclass, $3::int, remainder, writer, seq) ORDER BY n`,
        [keys.map(({ writer }) => writer), keys.map(({ seq }) => seq), modulus],
      );
      const ours = keys.map(({ writer, seq }) =>
        hashPartition(writer, modulus, hashInt4Extended)(seq),
      );
      expect(ours).toEqual(rows.map(({ remainder }) => remainder));
    },
  );
});

const partitions = ['a', 'b'].map((name) => ({ name, rows: 0 }));

describe('the loss by table partition', () => {
  it('counts acknowledged rows by the partition that the server would choose, and sums to the records', () => {
    const ledger = foldInMemory([
      journal([
        operation({ seq: 0, count: 8 }),
        operation({ seq: 8, outcome: 'failed' }),
        operation({ seq: 9, outcome: 'indeterminate' }),
      ]),
    ]);
    const primary = reading([{ writer: 0, present: [[0, 4]] }], { partitions });
    const found = partitionLoss(ledger, primary, hashInt4Extended);
    const remainderOf = hashPartition(0, 2, hashInt4Extended);
    const inFirst = (seqs: number[]) => seqs.filter((seq) => remainderOf(seq) === 0).length;
    const [expected, lost] = [inFirst([0, 1, 2, 3, 4, 5, 6, 7]), inFirst([5, 6, 7])];
    expect(found).toEqual([
      { name: 'a', expected, found: expected - lost, lost },
      { name: 'b', expected: 8 - expected, found: 5 - (expected - lost), lost: 3 - lost },
    ]);
    expect(judgePrimary(ledger, primary).records).toEqual({ inserted: 8, found: 5, lost: 3 });
  });

  it('leaves out deleted rows, and those that a writer with an unfinished journal may have deleted', () => {
    const one = [{ name: 'only', rows: 0 }];
    const records = [operation({ count: 4 }), operation({ kind: 'delete', seq: 0 })];
    const primary = reading([{ writer: 0, present: [[1, 2]] }], { partitions: one });
    const finished = foldInMemory([journal(records)]);
    const torn = foldInMemory([journal(records, { isFinished: false })]);
    expect(partitionLoss(finished, primary, hashInt4Extended)).toEqual([
      { name: 'only', expected: 3, found: 2, lost: 1 },
    ]);
    expect(partitionLoss(torn, primary, hashInt4Extended)).toEqual([
      { name: 'only', expected: 3, found: 2, lost: 0 },
    ]);
  });

  it('is empty for a table without partitions, or if the primary was not read', () => {
    const ledger = foldInMemory([journal([operation({ count: 4 })])]);
    const unread = reading([], { partitions, status: 'unverifiable', reason: 'it is gone' });
    expect([
      partitionLoss(ledger, reading([{ writer: 0 }]), hashInt4Extended),
      partitionLoss(ledger, unread, hashInt4Extended),
      partitionLoss(ledger, undefined, hashInt4Extended),
    ]).toEqual([[], [], []]);
  });
});
