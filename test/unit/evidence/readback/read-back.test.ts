import { open, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../../src/pg/connect.ts';
import type { Session } from '../../../../src/pg/session.ts';
import { waitUntil } from '../../../../src/std/wait.ts';
import { fillLedger, type LedgerTable } from '../../../helpers/ledger-table.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';
import { expectation, expectationsOf, readAll, whole } from '../../../helpers/read-back.ts';

let server: PostgresServer;
let session: Session;
let table: LedgerTable;
const number = expect.any(Number) as number;
const lsn = expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) as string;
const size = { writers: 2, rowsPerWriter: 10_000, payloadBytes: 256 };

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' }, hasChecksums: true }));
  session = owned.use(await newSession());
  await session.rows('CREATE EXTENSION amcheck');
  table = await fillLedger(server, { runId: 'whole', ...size });
});

function newSession(): Promise<Session> {
  return connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
}

function asRead(over: object = {}) {
  return {
    node: 'pg1',
    status: 'read',
    role: 'primary',
    timeline: 1,
    lsn,
    rows: 20_000,
    ms: number,
    writers: [whole(table), whole(table, { writer: 1 })],
    foreign: [],
    partitions: [],
    structure: [],
    ...over,
  };
}

function unverifiable(reason: unknown, structure: readonly unknown[] = []) {
  return {
    node: 'pg1',
    status: 'unverifiable',
    reason,
    role: 'down',
    rows: 0,
    ms: number,
    writers: [],
    foreign: [],
    partitions: [],
    structure,
  };
}

describe('reading a node back', () => {
  it('returns its WAL position and its rows', async () => {
    expect(await readAll(server, table, { amcheck: true })).toEqual({
      schemaVersion: 1,
      runId: 'whole',
      primary: 'pg1',
      converged: { ok: true, ms: 0 },
      nodes: [asRead()],
      contentChecked: true,
      ms: number,
      history: [],
    });
  });

  it('is retried when its connection breaks in the middle', async () => {
    await session.rows('BEGIN');
    await session.rows(`LOCK TABLE ${table.name} IN ACCESS EXCLUSIVE MODE`);
    const reading = readAll(server, table);
    await using other = await newSession();
    const waiting = `SELECT pid FROM pg_stat_activity WHERE application_name = 'forkpoint read-back'
      AND wait_event_type = 'Lock'`;
    const first = await waitUntil(
      'the reader waits',
      async () => (await other.rows<{ pid: number }>(waiting))[0]?.pid,
      { timeoutMs: 10_000 },
    );
    await other.rows('SELECT pg_terminate_backend($1)', [first]);
    const second = await waitUntil(
      'it has come back',
      async () =>
        (await other.rows<{ pid: number }>(waiting)).find(({ pid }) => pid !== first)?.pid,
      { timeoutMs: 10_000 },
    );
    await session.rows('COMMIT');
    expect(second).not.toBe(first);
    expect((await reading).nodes).toEqual([asRead()]);
  });

  it('is given up after five attempts with doubling pauses, and the node is unverifiable, its rows not lost', async () => {
    const attemptsMs: number[] = [];
    const startedMs = performance.now();
    const rude = createServer((socket) => {
      attemptsMs.push(performance.now() - startedMs);
      socket.destroy();
    });
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const { port } = rude.address() as AddressInfo;
    const endpoint = { host: '127.0.0.1', port };
    const { nodes, history } = await readAll({ endpoint, credentials: server.credentials }, table, {
      primary: undefined,
    });
    await new Promise((resolve) => rude.close(resolve));
    expect({ nodes, history }).toEqual({
      nodes: [unverifiable(expect.stringMatching(/^pg1 could not be read: 127\.0\.0\.1:\d+: /))],
      history: [],
    });
    const pauses = attemptsMs.slice(1).map((atMs, index) => atMs - attemptsMs[index]!);
    expect(pauses.map((pauseMs, index) => pauseMs >= 95 * 2 ** index)).toEqual([
      ...[true, true, true, true],
    ]);
  });

  it('of one node continues while another does not answer', async () => {
    const nowhere = { name: 'pg2', observer: { host: '/nonexistent', port: 1 } };
    const here = { name: 'pg1', observer: server.endpoint };
    const { nodes } = await readAll(server, table, { nodes: [nowhere, here] });
    expect(nodes.map(({ node, status }) => ({ node, status }))).toEqual([
      { node: 'pg2', status: 'unverifiable' },
      { node: 'pg1', status: 'read' },
    ]);
  });

  it("refuses a database that holds another run's rows, and names both runs", async () => {
    const other = await fillLedger(server, { ...size, runId: 'other', rowsPerWriter: 10 });
    const { nodes } = await readAll(server, other, { runId: 'whole' });
    expect(nodes).toEqual([
      unverifiable('pg1 could not be read: this database holds run other, not run whole'),
    ]);
  });

  it('of a database without the run is unverifiable at once, with the error of the server', async () => {
    const { nodes } = await readAll(server, { ...table, schema: 'forkpoint_nobody' });
    expect(nodes).toEqual([
      unverifiable(expect.stringContaining('relation "forkpoint_nobody.run" does not exist')),
    ]);
    expect(nodes[0]!.ms).toBeLessThan(1_000);
  });

  it('ends at once when the run is interrupted', async () => {
    await session.rows('BEGIN');
    await session.rows(`LOCK TABLE ${table.name} IN ACCESS EXCLUSIVE MODE`);
    const interrupt = new AbortController();
    const reading = readAll(server, table, { signal: interrupt.signal });
    const outcome = expect(reading).rejects.toThrow('Ctrl-C');
    await sleep(200);
    interrupt.abort(new Error('Ctrl-C'));
    await outcome;
    await session.rows('ROLLBACK');
  });

  it('names the ancestors of the timelines that the primary knows', async () => {
    const file = join(server.dataDirectory, 'pg_wal', '00000003.history');
    const lines = '1\t0/3000060\tno recovery target specified\n\n2\t0/5000000\tbefore 2000\n';
    await writeFile(file, lines, { mode: 0o644 });
    expect((await readAll(server, table)).history).toEqual([
      {
        timeline: 3,
        ancestors: [
          { timeline: 1, lsn: '0/3000060', reason: 'no recovery target specified' },
          { timeline: 2, lsn: '0/5000000', reason: 'before 2000' },
        ],
      },
    ]);
  });
});

describe('damage on disk', () => {
  it('in a table makes the node unverifiable, and is a separate finding', async () => {
    const broken = await fillLedger(server, { runId: 'heap', ...size });
    const file = await fileOf(broken.name);
    await overwrite(file, 3 * 8192 + 4000, 16);
    const { nodes } = await readAll(server, broken, { amcheck: true });
    const said = `invalid page in block 3 of relation ${file}`;
    expect(nodes).toEqual([
      unverifiable(expect.stringContaining(said), [
        { relation: 'ledger', message: expect.stringContaining(said) as string },
      ]),
    ]);
  });

  it('in an index is found by amcheck, although every row is read and correct', async () => {
    const broken = await fillLedger(server, { runId: 'index', ...size });
    await overwrite(await fileOf('forkpoint_index.ledger_pkey'), 5 * 8192, 8192, 0);
    const { nodes } = await readAll(server, broken, { amcheck: true });
    expect(nodes).toEqual([
      asRead({
        structure: [
          {
            relation: 'forkpoint_index.ledger_pkey',
            message: expect.stringMatching(
              /"ledger_pkey" contains unexpected zero page at block 5/,
            ) as string,
          },
        ],
      }),
    ]);
    const without = await readAll(server, broken, { amcheck: false });
    expect(without.nodes).toEqual([asRead()]);
  });

  it('of an index that lacks a row is found by amcheck', async () => {
    const broken = await fillLedger(server, { runId: 'unindexed', ...size, rowsPerWriter: 100 });
    await session.rows(`UPDATE pg_index SET indisready = false
      WHERE indexrelid = 'forkpoint_unindexed.ledger_pkey'::regclass`);
    await session.rows(`INSERT INTO ${broken.name}
      SELECT 0, 100, 0, hashtextextended('x', 100::int8), 'x'`);
    await session.rows(`UPDATE pg_index SET indisready = true
      WHERE indexrelid = 'forkpoint_unindexed.ledger_pkey'::regclass`);
    const expectations = expectationsOf(broken, expectation(broken, { present: [[0, 100]] }));
    const { nodes } = await readAll(server, broken, { amcheck: true, expectations });
    expect(nodes.map(({ status, structure }) => ({ status, structure }))).toEqual([
      {
        status: 'read',
        structure: [
          {
            relation: 'forkpoint_unindexed.ledger_pkey',
            message: expect.stringMatching(/heap tuple .* lacks matching index tuple/) as string,
          },
        ],
      },
    ]);
  });
});

/** The file of a relation, relative to the data directory. */
async function fileOf(relation: string): Promise<string> {
  const [row] = await session.rows<{ path: string }>(
    'SELECT pg_relation_filepath($1::regclass) AS path',
    [relation],
  );
  return row!.path;
}

/** Writes into a file of the stopped server, and starts it again, so that the page is not cached. */
async function overwrite(file: string, at: number, bytes: number, value = 0xff): Promise<void> {
  await session[Symbol.asyncDispose]();
  await server.stop();
  const handle = await open(join(server.dataDirectory, file), 'r+');
  await handle.write(Buffer.alloc(bytes, value), 0, bytes, at);
  await handle.close();
  await server.start();
  session = await newSession();
}
