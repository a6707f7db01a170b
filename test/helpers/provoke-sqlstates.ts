import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from '../../src/pg/connect.ts';
import { type Session, SqlError } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';
import type { PostgresServer } from './postgres.ts';
import { whenWaiting } from './when-waiting.ts';

export interface Provoker {
  readonly server: PostgresServer;
  /** A session of its own for each provocation. */
  readonly open: () => Promise<Session>;
}

const options = { connectTimeoutMs: 5_000 };

/** What a real server answers with each of these codes; the value is the error that a client gets. */
export const provocations: Readonly<Record<string, (on: Provoker) => Promise<unknown>>> = {
  '': async ({ open }) => {
    const session = await open();
    const failing = errorOf(session.rows('select pg_sleep(30)'));
    session.destroy();
    return failing;
  },
  '08P01': ofStatement('select 1', [5]),
  '0A000': ofStatement('select count(*) from t for update'),
  '21000': ofStatement('select (select 1 union all select 2)'),
  '22012': ofStatement('select 1 / 0'),
  '23502': ofStatement('insert into t values (null)'),
  '23505': ofStatement('insert into t values (1)'),
  '25001': ofStatements('begin', 'vacuum'),
  '25006': ofStatements('begin read only', 'insert into t values (7)'),
  '25P02': ofStatements('begin', 'savepoint a', 'select 1 / 0', 'select 1'),
  '26000': ofStatement('execute nothing'),
  '28P01': async ({ server }) =>
    errorOf(connect(server.tcpEndpoint, { ...server.credentials, password: 'wrong' }, options)),
  '2BP01': ofStatements('create view of_t as select * from t', 'drop table t'),
  '3D000': ofStatement('drop database nothing'),
  '3F000': ofStatement('create table nothing.t (k int)'),
  '40001': async ({ open }) => {
    const [first, second] = [await open(), await open()];
    await first.rows('begin isolation level repeatable read');
    await first.rows('select * from counters');
    await second.rows('update counters set n = n + 1 where k = 1');
    return errorOf(first.rows('update counters set n = n + 1 where k = 1'));
  },
  '40P01': async ({ open }) => {
    const [first, second] = [await open(), await open()];
    for (const session of [first, second]) await session.rows("set deadlock_timeout = '20ms'");
    await first.rows('begin');
    await second.rows('begin');
    await first.rows('update counters set n = 0 where k = 1');
    await second.rows('update counters set n = 0 where k = 2');
    const errors = [
      errorOf(first.rows('update counters set n = 0 where k = 2')),
      errorOf(second.rows('update counters set n = 0 where k = 1')),
    ];
    // One is refused; the other goes on, and its transaction is left open.
    return Promise.race(errors);
  },
  '42P01': ofStatement('select * from nothing'),
  '44000': ofStatement('insert into positive values (-1)'),
  '53200': ofStatement('select pg_advisory_xact_lock(n) from generate_series(1, 10000000) n'),
  '53300': async ({ server, open }) => {
    const session = await open();
    await session.rows('create role limited login connection limit 0');
    return errorOf(connect(server.endpoint, { user: 'limited', database: 'postgres' }, options));
  },
  '53400': ofStatements(
    "set temp_file_limit = '1MB'",
    "set work_mem = '64kB'",
    'select * from generate_series(1, 1000000) n order by n desc',
  ),
  '54011': ofStatement(
    `create table wide (${Array.from({ length: 1_601 }, (_, at) => `c${at} int`).join(', ')})`,
  ),
  '55000': ofStatements('create sequence unused', "select currval('unused')"),
  '55006': async ({ server, open }) => {
    const session = await open();
    await session.rows('create database busy');
    await using _ = await connect(
      server.endpoint,
      { ...server.credentials, database: 'busy' },
      options,
    );
    return await errorOf(session.rows('drop database busy'));
  },
  '55P03': async ({ open }) => {
    const [first, second] = [await open(), await open()];
    await first.rows('begin');
    await first.rows('select * from counters for update');
    return errorOf(second.rows('select * from counters for update nowait'));
  },
  '57014': ofStatements("set statement_timeout = '20ms'", 'select pg_sleep(30)'),
  '57P01': async ({ open }) => {
    const [first, second] = [await open(), await open()];
    const [{ pid } = {}] = await first.rows<{ pid: number }>('select pg_backend_pid() as pid');
    const failing = errorOf(first.rows('select pg_sleep(30)'));
    // A server that has not read the statement yet resets the connection, and its last message is lost with it.
    await whenWaiting(second, pid ?? 0, 'PgSleep');
    await second.rows('select pg_terminate_backend($1)', [pid]);
    return failing;
  },
  '57P03': async ({ server }) => {
    // A smart shutdown: sessions go on, new ones are refused. It is the last provocation.
    const pid = await readFile(path.join(server.dataDirectory, 'postmaster.pid'), 'utf8');
    process.kill(Number.parseInt(pid, 10), 'SIGTERM');
    let refused: unknown;
    await waitUntil(
      'a new connection is refused',
      async () => {
        const found = await errorOf(connect(server.endpoint, server.credentials, options));
        refused = found;
        return found instanceof SqlError && found.sqlState === '57P03';
      },
      { timeoutMs: 20_000 },
    );
    return refused;
  },
  '58P01': ofStatement("select pg_read_file('nothing')"),
  P0001: ofStatement("do $$ begin raise exception 'no'; end $$"),
  XX000: async ({ open }) => {
    const [first, second] = [await open(), await open()];
    await first.rows('create role settable');
    await first.rows("alter role settable set work_mem = '1MB'");
    await first.rows('begin');
    await first.rows("alter role settable set work_mem = '2MB'");
    const waiting = errorOf(second.rows("alter role settable set work_mem = '3MB'"));
    await waitUntil(
      'the second change waits for the first',
      async () => (await first.rows('select 1 from pg_locks where not granted')).length > 0,
      { timeoutMs: 20_000 },
    );
    await first.rows('commit');
    return waiting;
  },
};

/** Rows of the table that no test here provokes, and why. */
export const unprovoked: Readonly<Record<string, string>> = {
  '02': 'the client writes 02000 where a statement touched no row; no server raises it',
  '25P03': 'arrives between two statements, so the next one finds a broken connection',
  '25P04': 'PostgreSQL 17 and later',
  '40': 'PostgreSQL raises the codes of this class alone, which have rows of their own',
  '40002': 'PostgreSQL never raises it',
  '40003': 'PostgreSQL never raises it',
  '53100': 'needs a full disk: the fault disk-full provokes it',
  '57': 'PostgreSQL raises the codes of this class alone, which have rows of their own',
  '57P02': 'arrives as a WARNING before the connection breaks, so the error has no SQLSTATE',
  '57P04': 'only on a standby whose database is dropped',
  '57P05': 'arrives between two statements, so the next one finds a broken connection',
  '72': 'needs old_snapshot_threshold and a minute; not in PostgreSQL 17 and later',
};

function ofStatement(text: string, values: readonly unknown[] = []) {
  return async ({ open }: Provoker) => errorOf((await open()).rows(text, values));
}

/** The error of the last one. */
function ofStatements(...texts: readonly string[]) {
  return async ({ open }: Provoker) => {
    const session = await open();
    for (const text of texts.slice(0, -1)) await session.rows(text).catch(() => undefined);
    return errorOf(session.rows(texts.at(-1) ?? ''));
  };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return new Error('nothing failed');
}
