import { beforeAll, describe, expect, it } from 'vitest';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { isTransient, withRetries } from '../../../src/evidence/readback/retry.ts';
import { connect } from '../../../src/pg/connect.ts';
import { SqlError, type Notice, type Session } from '../../../src/pg/session.ts';
import { isSyncWaitCanceled } from '../../../src/pg/outcome.ts';
import type { SessionKind } from '../../../src/pg/session-settings.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { fillLedger, type LedgerTable } from '../../helpers/ledger-table.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';
import { readAll, whole } from '../../helpers/read-back.ts';

/** Settings that a role or database may have, and their consequences. */
const hostile = {
  client_min_messages: 'error',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  datestyle: 'German',
  search_path: 'traps, pg_catalog',
  quote_all_identifiers: 'on',
  transform_null_equals: 'on',
  array_nulls: 'off',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  zero_damaged_pages: 'on',
  ignore_checksum_failure: 'on',
};

const owned = ownedBySuite();
let server: PostgresServer;
let table: LedgerTable;
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  table = await fillLedger(server, {
    runId: 'x',
    writers: 1,
    rowsPerWriter: 500,
    payloadBytes: 32,
  });
  await using admin = await open('servers');
  await admin.rows('CREATE SCHEMA traps');
  await admin.rows(
    "CREATE FUNCTION traps.hashint4extended(int, int) RETURNS bigint LANGUAGE sql AS 'SELECT 7::bigint'",
  );
  for (const [name, value] of Object.entries(hostile)) {
    const shown = name === 'search_path' ? value : `'${value}'`;
    await admin.rows(`ALTER ROLE postgres SET ${name} = ${shown}`);
  }
});

function open(settings?: SessionKind): Promise<Session> {
  const options = { connectTimeoutMs: 5_000, ...(settings && { settings }) };
  return connect(server.endpoint, server.credentials, options);
}

async function shown(session: Session, names: readonly string[]) {
  const rows = await session.rows<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
    [names],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

describe('a session of a role with hostile settings', () => {
  it('reads answers correctly', async () => {
    await using session = await open();
    const [row] = await session.rows(
      `SELECT (1/3.0)::float8 AS number, '\\x41'::bytea::text AS bytes, NULL = NULL AS nothing,
         hashint4extended(1, 1) = 7 AS trapped, pg_typeof('{NULL}'::text[])::text || ('{NULL}'::text[])[1] AS element`,
    );
    expect(row).toEqual({
      number: 1 / 3,
      bytes: '\\x41',
      nothing: null,
      trapped: false,
      element: null,
    });
  });

  it('gets the warning that a wait for a standby was cancelled', async () => {
    await using admin = await open('servers');
    await admin.rows("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await admin.rows('SELECT pg_reload_conf()');
    await using writer = await open();
    const notices: Notice[] = [];
    writer.onNotice((notice) => notices.push(notice));
    const writing = writer.rows('CREATE TABLE waits_for_a_standby ()');
    const waiting = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
    await waitUntil('the commit waits', async () => (await admin.rows(waiting)).length > 0, {
      timeoutMs: 10_000,
    });
    await writing;
    await admin.rows('ALTER SYSTEM RESET synchronous_standby_names');
    await admin.rows('SELECT pg_reload_conf()');
    expect(notices.map(isSyncWaitCanceled)).toEqual([true]);
  });

  it('shows the settings of the server when it reads these', async () => {
    await using session = await open('servers');
    const expected = { client_min_messages: 'error', lock_timeout: '1ms' };
    expect(await shown(session, Object.keys(expected))).toEqual(expected);
  });

  it('waits for a lock before it reads, and reads the rows', async () => {
    await using locker = await open('reader');
    await locker.rows('BEGIN');
    await locker.rows(`LOCK TABLE ${table.name} IN ACCESS EXCLUSIVE MODE`);
    const reading = readAll(server, table);
    await using admin = await open('reader');
    const waiting =
      "SELECT FROM pg_stat_activity WHERE application_name = 'forkpoint read-back' AND wait_event_type = 'Lock'";
    await waitUntil('the reader waits', async () => (await admin.rows(waiting)).length > 0, {
      timeoutMs: 10_000,
    });
    await locker.rows('COMMIT');
    const [reading0] = (await reading).nodes;
    expect([reading0?.status, reading0?.writers]).toEqual(['read', [whole(table)]]);
  });
});

describe('a read that fails', () => {
  const failure = (sqlState: string) =>
    new SqlError('said', { sqlState, severity: 'ERROR', wasConnected: true });

  it.each(['55P03', '25P04', '25P03', '57014', '57P01', '57P05', '08006', ''])(
    "is tried again after '%s'",
    (sqlState) => expect(isTransient(failure(sqlState))).toBe(true),
  );

  it.each(['XX001', '42P01', '22P02'])('is not tried again after %s', (sqlState) =>
    expect(isTransient(failure(sqlState))).toBe(false),
  );

  it('is tried five times over half a minute', async () => {
    const startedAt = performance.now();
    let tries = 0;
    const read = () => {
      tries++;
      return Promise.reject(failure('57P03'));
    };
    await expect(withRetries(read, new AbortController().signal)).rejects.toThrow('said');
    expect(tries).toBe(5);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29_900);
  }, 60_000);
});
