/**
 * How long reading a node back takes, over what it is compared with, on 10 million rows of 64 writers in one warm server:
 *   node bench/read-back.ts             7 rounds
 *   node bench/read-back.ts 3 1         3 rounds on 1 million rows
 * All by turns in each round, in a fresh session, after one round that is not counted; a ratio is taken within its
 * round, so that what else the machine does falls on both. `identity` and `content` go through readBack itself, from
 * the ledger's expectations to the reading. The table is as a load leaves it, so count(*) reads the heap. Then, for what
 * it is, the same count and digest once the table is vacuumed: count(*) reads the index alone, a fifteenth of the bytes;
 * the digest does not, for a row that only an index knows is not there.
 */
import { connect } from '../src/pg/connect.ts';
import type { Session } from '../src/pg/session.ts';
import { monotonicMs } from '../src/std/wait.ts';
import { fillLedger, type LedgerTable } from '../test/helpers/ledger-table.ts';
import { startPostgres, type PostgresServer } from '../test/helpers/postgres.ts';
import { readAll } from '../test/helpers/read-back.ts';
import { median, reportBench, round } from './support/results.ts';

const [rounds = 7, millions = 10] = process.argv.slice(2).map(Number);
const writers = 64;
const payloadBytes = 256;
/** Of `id IN (...)` only so many batches are run, and the time for all rows is taken from their rate. */
const batchRows = 1000;

await using server = await startPostgres({
  parameters: {
    shared_buffers: `${Math.ceil(millions * 0.4)}GB`,
    maintenance_work_mem: '512MB',
    // The table stays as the load left it until this says otherwise.
    autovacuum: 'off',
    fsync: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '8GB',
  },
});
const rowsPerWriter = Math.ceil((millions * 1e6) / writers);
const table = await fillLedger(server, { runId: 'bench', writers, rowsPerWriter, payloadBytes });
const rows = rowsPerWriter * writers;
const batches = Math.min(500, Math.floor(rowsPerWriter / batchRows) * writers);
const postgres = await withSession(async (session) => {
  await session.rows(`CREATE EXTENSION pg_prewarm`);
  await session.rows(`SELECT pg_prewarm($1::regclass)`, [table.name]);
  const text = `SELECT current_setting('server_version') AS version`;
  return (await session.rows<{ version: string }>(text))[0]?.version;
});

const seconds: Record<string, number[]> = {};
const measures = {
  countAll: () => timed(() => query(`SELECT count(*) FROM ${table.name}`)),
  identity: () => timed(() => read(server, table, false)),
  heapScan: () => timed(() => query(`SELECT count(checksum) FROM ${table.name}`)),
  content: () => timed(() => read(server, table, true)),
  inBatches: async () => (await timed(inBatches)) * (rows / (batches * batchRows)),
};
await takeTurns(measures);
await query(`VACUUM (FREEZE) ${table.name}`);
const { countAll, identity } = measures;
await takeTurns({ countVacuumed: countAll, identityVacuumed: identity });

reportBench('read-back', {
  rows,
  writers,
  payloadBytes,
  rounds,
  postgres,
  ratios: {
    identityToCount: { measured: ratio('identity', 'countAll'), goal: '<= 3' },
    identityToCountVacuumed: { measured: ratio('identityVacuumed', 'countVacuumed'), goal: '<= 3' },
    inBatchesToIdentity: { measured: ratio('inBatches', 'identity'), goal: '>= 10' },
    contentToHeapScan: { measured: ratio('content', 'heapScan'), goal: '<= 4' },
  },
  seconds: Object.fromEntries(
    Object.entries(seconds).map(([name, took]) => [name, round(median(took))]),
  ),
  idsPerSecond: {
    identity: Math.round(rows / median(seconds.identity ?? [])),
    content: Math.round(rows / median(seconds.content ?? [])),
    inBatches: Math.round(rows / median(seconds.inBatches ?? [])),
  },
  note: `inBatches: ${batches * batchRows} rows measured, the time for all taken from that`,
});

async function takeTurns(each: Readonly<Record<string, () => Promise<number>>>): Promise<void> {
  for (let turn = 0; turn <= rounds; turn++) {
    for (const [name, measure] of Object.entries(each)) {
      const took = await measure();
      if (turn > 0) (seconds[name] ??= []).push(took);
    }
  }
}

function ratio(a: string, b: string): number {
  const [of = [], to = []] = [seconds[a], seconds[b]];
  return round(median(of.map((took, turn) => took / (to[turn] ?? NaN))));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = monotonicMs();
  await work();
  return (monotonicMs() - startedMs) / 1000;
}

async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  return await work(session);
}

async function query(text: string): Promise<void> {
  await withSession((session) => session.rows(text));
}

async function read(from: PostgresServer, of: LedgerTable, content: boolean): Promise<void> {
  const { nodes } = await readAll(from, of, { content });
  if (nodes[0]?.rows !== rows) throw new Error(`not every row was read: ${nodes[0]?.reason ?? ''}`);
}

/** As a checker does that keeps every id: exact lookups by primary key, a thousand to a statement. */
async function inBatches(): Promise<void> {
  await withSession(async (session) => {
    for (let batch = 0; batch < batches; batch++) {
      const first = Math.floor(batch / writers) * batchRows;
      const seqs = Array.from({ length: batchRows }, (_, index) => first + index).join(',');
      const found = await session.rows(
        `SELECT seq FROM ${table.name} WHERE writer = ${batch % writers} AND seq IN (${seqs})`,
      );
      if (found.length !== batchRows) throw new Error('a batch missed rows');
    }
  });
}
