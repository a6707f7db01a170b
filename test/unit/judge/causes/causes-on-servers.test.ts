import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import type { OperationRecord, ReadBack } from '../../../../src/contracts/evidence.ts';
import { sightingsIn } from '../../../../src/judge/causes/sightings.ts';
import { unflushedBy } from '../../../../src/judge/causes/unflushed.ts';
import { connect } from '../../../../src/pg/connect.ts';
import { position } from '../../../../src/pg/position.ts';
import { lsnNumber } from '../../../../src/std/units/lsn.ts';
import { attributeInMemory } from '../../../histories/attribute.ts';
import { journal, NODES, operation } from '../../../histories/in-memory.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres.ts';
import { expectation, readAll } from '../../../helpers/read-back.ts';
import { clusterSettings } from '../../../helpers/settings.ts';

/* Servers lose, or never had, what they acknowledged; positions, timelines and rows are what they say themselves. */

const records: OperationRecord[] = [];
const startedMs = performance.now();
const nowUs = () => Math.round((performance.now() - startedMs) * 1000);

async function sql<Row extends object>(server: PostgresServer, text: string): Promise<Row[]> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  return [...(await session.rows<Row>(text))];
}

function emptyLedger(server: PostgresServer, runId: string): Promise<LedgerTable> {
  records.length = 0;
  return fillLedger(server, { runId, writers: 1, rowsPerWriter: 0, payloadBytes: 32 });
}

/** Each row acknowledged to a client that notes where it stands in the WAL. */
async function write(
  server: PostgresServer,
  { table, node, rows }: { table: LedgerTable; node: string; rows: readonly [number, number] },
): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  for (let seq = rows[0]; seq <= rows[1]; seq++) {
    const sentUs = nowUs();
    const [row] = await session.rows<{ lsn: string; timeline: string }>(
      `INSERT INTO ${table.name} (writer, seq, version, checksum, payload)
         VALUES (0, ${seq}, 0, hashtextextended('x', ${seq}) # 0::int8, 'x') RETURNING ${position}`,
    );
    const { lsn = '', timeline = '' } = row ?? {};
    const at = { lsn: BigInt(lsnNumber(lsn)), timeline: Number.parseInt(timeline, 16) };
    const latencyUs = nowUs() - sentUs;
    records.push(operation({ seq, node: NODES.indexOf(node), ...at, sentUs, latencyUs }));
  }
}

async function readFinal(
  server: PostgresServer,
  table: LedgerTable,
  node: string,
): Promise<ReadBack> {
  const last = Math.max(...records.map(({ seq }) => seq));
  const found = await readAll(server, table, {
    nodes: [{ name: node, observer: server.endpoint }],
    primary: node,
    expectations: [expectation(table, { present: [[0, last]] })],
  });
  expect(found.nodes).toMatchObject([{ node, status: 'read' }]);
  return found;
}

async function causesOf(server: PostgresServer, readBack: ReadBack) {
  const [shown] = await sql<{ synchronous_commit: string }>(server, 'SHOW synchronous_commit');
  const settings = clusterSettings({ all: { ...shown } });
  const { ranges } = attributeInMemory([journal(records)], readBack, {
    sightings: sightingsIn([], 0),
    mayBeUnflushed: unflushedBy(settings, [], 0),
  });
  return ranges.map(({ from, to, node, timeline, cause }) => [from, to, node, timeline, cause]);
}

test('what a server acknowledged and had not flushed when it crashed is unflushed; a row that was deleted by hand is unexplained', async () => {
  // Nothing flushes by the way: WAL is written by the WAL writer, or before a dirty page is.
  await using server = await startPostgres({
    parameters: {
      synchronous_commit: 'off',
      wal_writer_delay: '10s',
      bgwriter_lru_maxpages: '0',
      autovacuum: 'off',
    },
  });
  const table = await emptyLedger(server, '20990101t000000z-unf');
  await write(server, { table, node: 'pg1', rows: [0, 9] });
  // The next rows stand far beyond what a crash at the end can be held to have taken.
  await sql(server, 'SELECT pg_switch_wal()');
  await write(server, { table, node: 'pg1', rows: [10, 19] });
  await sql(server, 'CHECKPOINT');
  const [writer] = await sql<{ pid: number }>(
    server,
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'",
  );
  process.kill(writer!.pid, 'SIGSTOP');
  await write(server, { table, node: 'pg1', rows: [20, 39] });
  await server.stop('SIGKILL');
  await server.start();
  await write(server, { table, node: 'pg1', rows: [40, 59] });
  await sql(server, `DELETE FROM ${table.name} WHERE seq = 5`);
  expect(await causesOf(server, await readFinal(server, table, 'pg1'))).toEqual([
    [5, 5, 'pg1', 1, 'unexplained'],
    [20, 39, 'pg1', 1, 'unflushed'],
  ]);
}, 60_000);

test('a server that flushes before it answers loses nothing in the same crash', async () => {
  await using server = await startPostgres();
  const table = await emptyLedger(server, '20990101t000000z-flu');
  await write(server, { table, node: 'pg1', rows: [0, 19] });
  await server.stop('SIGKILL');
  await server.start();
  await write(server, { table, node: 'pg1', rows: [20, 29] });
  expect(await causesOf(server, await readFinal(server, table, 'pg1'))).toEqual([]);
}, 60_000);

test('of two servers that were promoted apart, what the one acknowledged that is not the final primary is lost to an equal-timeline fork', async () => {
  await using first = await startPostgres();
  const table = await emptyLedger(first, '20990101t000000z-equ');
  await write(first, { table, node: 'pg1', rows: [0, 9] });
  await using pg2 = await startPostgres({ replicaOf: first });
  await using pg3 = await startPostgres({ replicaOf: first });
  await first.stop();
  for (const server of [pg2, pg3]) await sql(server, 'SELECT pg_promote()');
  await write(pg2, { table, node: 'pg2', rows: [10, 19] });
  await write(pg3, { table, node: 'pg3', rows: [20, 39] });
  await write(pg2, { table, node: 'pg2', rows: [40, 49] });
  const readBack = await readFinal(pg2, table, 'pg2');
  expect(readBack.nodes[0]).toMatchObject({ timeline: 2 });
  expect(await causesOf(pg2, readBack)).toEqual([[20, 39, 'pg3', 2, 'equalTimelineFork']]);
}, 60_000);
