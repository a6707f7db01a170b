import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Operation, WorkloadContext } from '../../../src/contracts/workload.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import ledger from '../../../src/workloads/ledger.ts';
import { sealedPayload } from '../../../src/workloads/support/payload.ts';
import { DeletableRows, HotRows } from '../../../src/workloads/support/rows.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

type Context = WorkloadContext<{ serverIds: boolean; partitions: number }>;

const context: Context = {
  schema: 'run',
  runId: 'run-1',
  seed: 1,
  mix: { insert: 0.6, update: 0.3, delete: 0.1 },
  batch: 1,
  payloadBytes: 64,
  params: { serverIds: false, partitions: 0 },
};

/** Operations of a writer whose every operation is acknowledged. */
function perform(count: number, changed: Partial<Context> = {}): Operation[] {
  const writer = ledger.writer(3, { ...context, ...changed });
  return Array.from({ length: count }, () => {
    const operation = writer.next();
    writer.settle(operation, 'acknowledged');
    return operation;
  });
}

describe('the payload', () => {
  const row = { seed: 1, writer: 2, seq: 3, version: 4 };

  it('is ASCII of exactly the requested size, even 0', () => {
    const lengths = [0, 1, 4, 5, 6, 256, 1001];
    const payloads = lengths.map((bytes) => sealedPayload(row, bytes).payload);
    expect(payloads.map(({ length }) => length)).toEqual(lengths);
    expect(payloads.join('')).toMatch(/^[\w-]+$/);
  });

  it('is always the same for an identity, and different if any part of it differs', () => {
    const others = [
      { ...row, seed: 2 },
      { ...row, writer: 3 },
      { ...row, seq: 4 },
      { ...row, version: 5 },
      { ...row, writer: 3, seq: 2 },
    ];
    const payloads = [row, ...others].map((each) => sealedPayload(each, 32).payload);
    expect(new Set(payloads).size).toBe(6);
    expect(sealedPayload(row, 32).payload).toBe(payloads[0]);
  });
});

describe('a writer of the ledger', () => {
  it('makes the same operations for the same seed and different ones for another', () => {
    const texts = (seed: number) => perform(200, { seed }).map(({ statement }) => statement.values);
    expect(texts(1)).toEqual(texts(1));
    expect(texts(1)).not.toEqual(texts(2));
  });

  it('uses dense seqs and dense versions per row, whatever the outcomes', () => {
    const writer = ledger.writer(3, { ...context, batch: 4 });
    const outcomes = ['acknowledged', 'indeterminate', 'failed', 'localOnly'] as const;
    let nextSeq = 0;
    const versions = new Map<number, number>();
    for (let index = 0; index < 5_000; index++) {
      const operation = writer.next();
      if (operation.kind === 'insert') {
        expect(operation).toMatchObject({ seq: nextSeq, count: 4, version: 0 });
        nextSeq += 4;
      } else if (operation.kind === 'update') {
        const version = (versions.get(operation.seq) ?? 0) + 1;
        expect(operation).toMatchObject({ version, count: 1 });
        versions.set(operation.seq, version);
      }
      writer.settle(operation, outcomes[index % 4]!);
    }
    expect(versions.size).toBeGreaterThan(10);
  });

  it('keeps the mix', () => {
    const kinds = perform(10_000).map(({ kind }) => kind);
    const share = (kind: string) => kinds.filter((each) => each === kind).length / 10_000;
    expect(Math.abs(share('insert') - 0.6)).toBeLessThan(0.02);
    expect(Math.abs(share('update') - 0.3)).toBeLessThan(0.02);
    expect(Math.abs(share('delete') - 0.1)).toBeLessThan(0.02);
  });

  it('inserts while there is nothing to update or delete', () => {
    const writer = ledger.writer(0, { ...context, mix: { insert: 0, update: 0.5, delete: 0.5 } });
    expect([writer.next().kind, writer.next().kind]).toEqual(['insert', 'insert']);
  });

  it('never deletes a row that is updated, nor one twice, nor one that was not acknowledged', () => {
    const writer = ledger.writer(0, { ...context, mix: { insert: 0.5, update: 0.2, delete: 0.3 } });
    const acknowledged = new Set<number>();
    const updated = new Set<number>();
    const deleted: number[] = [];
    for (let index = 0; index < 20_000; index++) {
      const operation = writer.next();
      const isLost = index % 7 === 0;
      if (operation.kind === 'insert' && !isLost) acknowledged.add(operation.seq);
      if (operation.kind === 'update') updated.add(operation.seq);
      if (operation.kind === 'delete') deleted.push(operation.seq);
      writer.settle(operation, isLost ? 'indeterminate' : 'acknowledged');
    }
    expect(deleted.filter((seq) => updated.has(seq) || !acknowledged.has(seq))).toEqual([]);
    expect(deleted).toEqual([...new Set(deleted)].toSorted((a, b) => a - b));
    expect(deleted.length).toBeGreaterThan(4_000);
  });
});

describe('the rows a writer remembers', () => {
  it('are at most 256 hot ones, spread over the first tens of thousands', () => {
    const hot = new HotRows();
    const chosen = Array.from({ length: 200_000 }, (_, seq) => seq).filter((seq) => hot.offer(seq));
    expect(chosen.length).toBe(256);
    expect(chosen[0]).toBe(0);
    expect(chosen.at(-1)).toBeGreaterThan(80_000);
  });

  it('do not include a row that was missing twice in succession', () => {
    const hot = new HotRows();
    hot.offer(0);
    hot.doubt(0);
    hot.confirm(0);
    hot.doubt(0);
    expect(hot.nextVersion(0)).toEqual({ seq: 0, version: 1 });
    hot.doubt(0);
    expect(hot.nextVersion(0)).toBeUndefined();
  });

  it('are deleted oldest first across the gaps', () => {
    const rows = new DeletableRows();
    rows.add(0, 1);
    rows.add(2, 2);
    rows.add(5, 4);
    rows.add(7, 7);
    const taken = Array.from({ length: 5 }, () => rows.takeOldest());
    expect(taken).toEqual([0, 1, 2, 7, undefined]);
  });
});

describe('the statements of the ledger', () => {
  let server: PostgresServer;
  let session: Session;
  const owned = ownedBySuite();
  beforeAll(async () => {
    server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  });
  beforeEach(async () => {
    session = await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
    return () => session[Symbol.asyncDispose]();
  });

  async function setUp(changed: Partial<Context>): Promise<Context> {
    const used = { ...context, ...changed };
    for (const statement of ledger.setup(used)) await session.query(statement);
    return used;
  }

  it('store what the client made, so that the server computes the same checksum', async () => {
    const used = await setUp({ schema: 'a "quoted" run', batch: 3 });
    const writer = ledger.writer(5, used);
    for (let index = 0; index < 300; index++) {
      const operation = writer.next();
      const { rows } = await session.query<{ touched: number; ids?: unknown }>(operation.statement);
      expect(rows.map(({ touched, ids }) => ({ touched, ids }))).toEqual([
        { touched: operation.count, ids: undefined },
      ]);
      writer.settle(operation, 'acknowledged');
    }
    expect(
      await session.rows(`select count(*) > 400 as many, max(version) > 0 as updated,
        count(*) filter (where checksum <> hashtextextended(payload, (version::bigint << 32) | seq)
          # writer::bigint) as wrong,
        count(distinct payload) = count(*) as all_different
        from "a ""quoted"" run".ledger`),
    ).toEqual([{ many: true, updated: true, wrong: '0', all_different: true }]);
    expect(await session.rows('select id from "a ""quoted"" run".run')).toEqual([{ id: 'run-1' }]);
  });

  it('return the WAL position of a write: past the previous position, on timeline 1', async () => {
    const used = await setUp({ schema: 'positions' });
    const writer = ledger.writer(0, used);
    const isPast = `select $1::pg_lsn > $2::pg_lsn and $1::pg_lsn <= pg_current_wal_insert_lsn() as ok`;
    const before = await session.rows<{ lsn: string }>('select pg_current_wal_insert_lsn() as lsn');
    let last = before[0]!.lsn;
    for (let index = 0; index < 20; index++) {
      const operation = writer.next();
      const { rows } = await session.query<{ lsn: string; timeline: string }>(operation.statement);
      writer.settle(operation, 'acknowledged');
      expect(rows[0]!.timeline).toBe('00000001');
      expect(await session.rows(isPast, [rows[0]!.lsn, last])).toEqual([{ ok: true }]);
      last = rows[0]!.lsn;
    }
  });

  it('never revert a row to an older version', async () => {
    const used = await setUp({ schema: 'versions' });
    const writer = ledger.writer(0, { ...used, mix: { insert: 0, update: 1, delete: 0 } });
    const insert = writer.next();
    await session.query(insert.statement);
    writer.settle(insert, 'acknowledged');
    const [late, next] = [writer.next(), writer.next()];
    await session.query(next.statement);
    expect((await session.query(late.statement)).rowCount).toBe(0);
    expect(await session.rows('select version from versions.ledger')).toEqual([{ version: 2 }]);
  });

  it('return the server-generated ids in the order of the seqs, also from table partitions', async () => {
    const params = { serverIds: true, partitions: 3 };
    const used = await setUp({ schema: 'parts', batch: 5, params });
    const one = ledger.writer(0, { ...used, batch: 1 }).next();
    const many = ledger.writer(1, used).next();
    const ids = [
      (await session.query<{ ids: string[] }>(one.statement)).rows[0]!.ids,
      (await session.query<{ ids: string[] }>(many.statement)).rows[0]!.ids,
    ];
    const stored = await session.rows<{ id: string }>(
      'select id from parts.ledger order by writer, seq',
    );
    expect(ids.flat()).toEqual(stored.map(({ id }) => id));
    expect(ledger.table(params)).toEqual({
      name: 'ledger',
      partitions: ['ledger_0', 'ledger_1', 'ledger_2'],
      idColumn: 'id',
      columns: ['id bigserial'],
    });
    expect(await session.rows('select count(*) from parts.ledger_2')).toHaveLength(1);
  });
});
