import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { sqlControl } from '../../src/machine/sql.ts';
import { connect } from '../../src/pg/connect.ts';
import { SqlError, type Session } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
let cluster: Cluster;

const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  const parameters = {
    max_connections: '40',
    max_prepared_transactions: '5',
    wal_level: 'logical',
  };
  const patroni = { ttl: 20, loop_wait: 1, retry_timeout: 9 };
  cluster = owned.use(await bootLab(reports.folder, { nodes: 1, patroni, parameters }));
  await ask('CREATE ROLE app LOGIN');
  await ask(`CREATE SCHEMA ${schema}`);
  await ask(`CREATE TABLE ${table} (id int PRIMARY KEY, note text)`);
  await ask(`INSERT INTO ${table} SELECT n, '' FROM generate_series(1, 10) AS n`);
});

const on = ['pg1'];
const schema = 'forkpoint_20990101t000000z_a';
const table = `${schema}.ledger`;
const isHeld = `SELECT count(*)::int FROM pg_stat_activity WHERE application_name LIKE 'forkpoint hold %'`;

function open(user = 'postgres'): Promise<Session> {
  const { observer } = nodeOf(cluster, 'pg1');
  const credentials = { ...cluster.credentials, user };
  return connect(observer, credentials, { connectTimeoutMs: 5_000, queryTimeoutMs: 20_000 });
}

async function ask(text: string, node = 'pg1'): Promise<unknown> {
  const [row] = await nodeOf(cluster, node).sql!.query(text);
  return Object.values(row ?? {})[0];
}

/** The SQLSTATE of a statement that gives up a lock after 300 ms; 'done' if it got it. */
async function tried(text: string): Promise<string> {
  await using session = await open();
  await session.rows(`SET lock_timeout = '300ms'`);
  return await session.rows(text).then(
    () => 'done',
    (error: unknown) => (error as SqlError).sqlState,
  );
}

const write = `INSERT INTO ${table} SELECT max(id) + 1, '' FROM ${table}`;
const lockNotAvailable = '55P03';

describe('connection-pressure', () => {
  test('leaves as many free connections as it says, and none of them reserved; healing twice gives all back', async () => {
    const { detail, heal, lapse } = await injectFault(cluster, 'connection-pressure', {
      on,
      params: { leave: 2 },
    });
    expect(detail).toMatchObject({ pg1: { left: 2, most: 40, reserved: 3 } });
    const { taken } = (detail as Readonly<Record<string, { readonly taken: number }>>).pg1!;
    expect(await ask(isHeld)).toBe(taken);
    expect(taken).toBeGreaterThan(20);
    const sessions = [await open('app'), await open('app')];
    // 53300: the next one would need a reserved connection.
    await expect(open('app')).rejects.toMatchObject({ sqlState: '53300' });
    await (await open('postgres'))[Symbol.asyncDispose]();
    expect(await lapse()).toBeUndefined();
    for (const session of sessions) await session[Symbol.asyncDispose]();
    await heal();
    await heal();
    expect(await ask(isHeld)).toBe(0);
    await (await open('app'))[Symbol.asyncDispose]();
  });

  test('a session that an administrator ends is a lapse', async () => {
    const { heal, lapse } = await injectFault(cluster, 'connection-pressure', { on });
    await ask(
      `SELECT pg_terminate_backend(min(pid)) FROM pg_stat_activity WHERE application_name LIKE 'forkpoint hold %'`,
    );
    await waitUntil('it has ended', async () => (await lapse()) !== undefined, {
      timeoutMs: 10_000,
    });
    expect(await lapse()).toMatch(/^1 of \d+ sessions on pg1 ended otherwise than by a limit/);
    await heal();
  });

  test('with more to leave than is free the injection fails with the figures', async () => {
    await expect(
      injectFault(cluster, 'connection-pressure', { on, params: { leave: 37 } }),
    ).rejects.toThrow(
      /pg1: nothing to take: \d+ connections are free \(max_connections 40, 3 reserved, \d+ taken\), and leave is 37/,
    );
  });
});

describe('held-locks', () => {
  const hold = (kind: string) => injectFault(cluster, 'held-locks', { on, params: { kind } });
  const update = `UPDATE ${table} SET note = 'x' WHERE id = 1`;
  const read = `SELECT count(*) FROM ${table}`;

  test.each([
    ['table', lockNotAvailable, lockNotAvailable, lockNotAvailable],
    ['rows', lockNotAvailable, 'done', 'done'],
    ['waiting-ddl', lockNotAvailable, lockNotAvailable, lockNotAvailable],
    ['prepared-transaction', lockNotAvailable, lockNotAvailable, lockNotAvailable],
    ['snapshot', 'done', 'done', 'done'],
  ])('%s keeps an update, an insert and a read waiting, or not', async (kind, ...answers) => {
    const { heal, lapse } = await hold(kind);
    expect([await tried(update), await tried(write), await tried(read)]).toEqual(answers);
    expect(await lapse()).toBeUndefined();
    await heal();
    await heal();
    expect([await tried(update), await tried(write), await tried(read)]).toEqual(
      Array(3).fill('done'),
    );
    expect(await ask(isHeld)).toBe(0);
    expect(await lapse()).toMatch(
      kind === 'prepared-transaction' ? /is gone on pg1/ : /of .* sessions/,
    );
  });

  test("a session that a limit of the server's ends is cured, which is no lapse of the fault", async () => {
    await ask(`ALTER ROLE postgres SET idle_in_transaction_session_timeout = '500ms'`);
    const { heal, lapse } = await hold('table');
    await ask(`ALTER ROLE postgres RESET idle_in_transaction_session_timeout`);
    await waitUntil('the server has ended it', async () => (await ask(isHeld)) === 0, {
      timeoutMs: 10_000,
    });
    expect(await tried(write)).toBe('done');
    expect(await lapse()).toBeUndefined();
    await heal();
  });

  test('what a dead harness left is found by its name', async () => {
    const { heal } = await hold('prepared-transaction');
    // Another control, as of another process, knows of nothing that is held.
    const other = sqlControl(nodeOf(cluster, 'pg1').observer, cluster.credentials);
    await other.release('held-locks#1');
    expect(await tried(write)).toBe('done');
    await heal();
    const left = await hold('waiting-ddl');
    await other.release('held-locks#1');
    expect(await tried(write)).toBe('done');
    await left.heal();
  });
});

describe('abandoned-slot', () => {
  const slot = async () => {
    const rows = await nodeOf(cluster, 'pg1').sql!.query(
      `SELECT slot_name, slot_type, active FROM pg_replication_slots WHERE slot_name LIKE 'forkpoint%'`,
    );
    return rows[0];
  };

  test.each(['physical', 'logical'])('%s keeps WAL that is written from then on', async (kind) => {
    const { detail, heal, lapse } = await injectFault(cluster, 'abandoned-slot', {
      on,
      params: { kind },
    });
    const name = 'forkpoint_hold_abandoned_slot_1';
    expect(detail).toEqual({ kind, slots: { pg1: name } });
    expect(await slot()).toEqual({ slot_name: name, slot_type: kind, active: false });
    await ask(`SELECT pg_logical_emit_message(true, 'x', repeat('x', 3000000))`);
    const held = await nodeOf(cluster, 'pg1').sql!.held('abandoned-slot#1');
    expect(held.slot?.retainedBytes).toBeGreaterThan(3_000_000);
    expect(await lapse()).toBeUndefined();
    await ask(`SELECT pg_drop_replication_slot('${name}')`);
    expect(await lapse()).toMatch(/^its slot on pg1 was dropped, by Patroni/);
    await heal();
    await heal();
    expect(await slot()).toBeUndefined();
  });

  test('what a dead harness left is found by its name', async () => {
    const { heal } = await injectFault(cluster, 'abandoned-slot', { on });
    const other = sqlControl(nodeOf(cluster, 'pg1').observer, cluster.credentials);
    await other.release('abandoned-slot#1');
    expect(await slot()).toBeUndefined();
    await heal();
  });
});
