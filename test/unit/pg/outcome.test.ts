import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import { SqlError, type Session } from '../../../src/pg/session.ts';
import {
  isSyncWaitCanceled,
  outcomeOfAnswer,
  outcomeOfError,
  type Judgement,
} from '../../../src/pg/outcome.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';
import { whenWaiting } from '../../helpers/when-waiting.ts';

function said(sqlState: string, severity = 'ERROR'): SqlError {
  return new SqlError('said', { sqlState, severity, wasConnected: true });
}

function outcomes(sqlStates: readonly string[], severity?: string): Record<string, string> {
  return Object.fromEntries(
    sqlStates.map((sqlState) => [sqlState, outcomeOfError(said(sqlState, severity)).outcome]),
  );
}

function all(sqlStates: readonly string[], outcome: string): Record<string, string> {
  return Object.fromEntries(sqlStates.map((sqlState) => [sqlState, outcome]));
}

describe('the outcome of an SQLSTATE', () => {
  it('is failed for one code of every class that rolls back', () => {
    const rolledBack = [
      ...['02000', '0A000', '21000', '22012', '23505', '25006', '25P02', '26000', '28000', '2BP01'],
      ...['3D000', '3F000', '40001', '40P01', '40002', '42P01', '42501', '44000', '53100', '53200'],
      ...['54000', '55P03', '55000', '57014', '72000', 'P0001'],
    ];
    expect(outcomes(rolledBack)).toEqual(all(rolledBack, 'failed'));
  });

  it('is indeterminate if the session, the connection or the server itself failed', () => {
    const doubtful = [
      ...['08000', '08003', '08006', '08007', '08P01', '25P03', '25P04', '40003'],
      ...['57000', '57P01', '57P02', '57P03', '57P04', '57P05', '58000', '58030', 'XX000', 'XX001'],
    ];
    expect(outcomes(doubtful)).toEqual(all(doubtful, 'indeterminate'));
  });

  it('is indeterminate for an unlisted code', () => {
    const unheardOf = ['', 'ZZZZZ', 'F0000', '99999', 'constructor', 'toString'];
    expect(outcomes(unheardOf)).toEqual(all(unheardOf, 'indeterminate'));
  });

  it('is indeterminate for FATAL and PANIC, whatever the code, and for an unknown severity', () => {
    const codes = ['53100', '40001', '57014', '23505'];
    expect(['FATAL', 'PANIC', 'FEHLER', ''].map((severity) => outcomes(codes, severity))).toEqual(
      Array.from({ length: 4 }, () => all(codes, 'indeterminate')),
    );
  });

  it('keeps the SQLSTATE for the journal, and has none without an answer of a server', () => {
    expect([outcomeOfError(said('23505')), outcomeOfError(new Error('broken pipe'))]).toEqual([
      { outcome: 'failed', sqlState: '23505' },
      { outcome: 'indeterminate', sqlState: '' },
    ]);
  });
});

describe('the outcome of a successful statement', () => {
  const answer = (touched: number, wasSyncWaitCanceled = false) =>
    outcomeOfAnswer({ touched, expected: 3, wasSyncWaitCanceled });

  it('is acknowledged for all rows, failed for none and indeterminate for some', () => {
    expect([answer(3), answer(0), answer(2), answer(4)]).toEqual([
      { outcome: 'acknowledged', sqlState: '' },
      { outcome: 'failed', sqlState: '02000' },
      { outcome: 'indeterminate', sqlState: '' },
      { outcome: 'indeterminate', sqlState: '' },
    ]);
  });

  it('is localOnly if the wait for a standby was cancelled, unless nothing was written', () => {
    expect([answer(3, true), answer(0, true)]).toEqual([
      { outcome: 'localOnly', sqlState: '' },
      { outcome: 'failed', sqlState: '02000' },
    ]);
  });
});

describe('an answer of a real server', () => {
  let server: PostgresServer;
  let session: Session;
  let admin: Session;

  const open = () => connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });
  const outcomeOf = async (text: string): Promise<Judgement> =>
    session.rows(text).then(
      () => {
        throw new Error(`${text} did not fail`);
      },
      (error: unknown) => outcomeOfError(error),
    );
  const pidOf = async (of: Session) =>
    (await of.rows<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid;

  const owned = ownedBySuite();
  beforeAll(async () => {
    server = owned.use(await startPostgres());
    session = owned.use(await open());
    admin = owned.use(await open());
    await session.rows('create table t (k int primary key deferrable initially deferred)');
    await session.rows('insert into t values (1)');
  });

  it('failed: a unique violation that only the commit finds', async () => {
    expect(await outcomeOf('insert into t values (1)')).toEqual({
      outcome: 'failed',
      sqlState: '23505',
    });
  });

  it('failed: a statement timeout and a read-only transaction', async () => {
    await session.rows('set statement_timeout = 50');
    const timeout = await outcomeOf('select pg_sleep(5)');
    await session.rows('set statement_timeout = 0');
    await session.rows('set default_transaction_read_only = on');
    const readOnly = await outcomeOf('insert into t values (2)');
    await session.rows('set default_transaction_read_only = off');
    expect([timeout, readOnly]).toEqual([
      { outcome: 'failed', sqlState: '57014' },
      { outcome: 'failed', sqlState: '25006' },
    ]);
  });

  it('failed: a cancelled query', async () => {
    const pid = await pidOf(session);
    const failing = outcomeOf('select pg_sleep(5)');
    await whenWaiting(admin, pid, 'PgSleep');
    await admin.rows('select pg_cancel_backend($1)', [pid]);
    expect(await failing).toEqual({ outcome: 'failed', sqlState: '57014' });
  });

  it('indeterminate: a backend that was terminated in mid-statement', async () => {
    const pid = await pidOf(session);
    const failing = outcomeOf('select pg_sleep(5)');
    await whenWaiting(admin, pid, 'PgSleep');
    await admin.rows('select pg_terminate_backend($1)', [pid]);
    expect(await failing).toEqual({ outcome: 'indeterminate', sqlState: '57P01' });
    session = await open();
  });

  it('localOnly: a commit whose wait for a standby was cancelled', async () => {
    await using lonely = await startPostgres({
      parameters: { synchronous_standby_names: 'nobody' },
    });
    const options = { connectTimeoutMs: 5_000 };
    await using writer = await connect(lonely.endpoint, lonely.credentials, options);
    await using other = await connect(lonely.endpoint, lonely.credentials, options);
    await writer.rows('set synchronous_commit = local');
    await writer.rows('create table t (k int)');
    await writer.rows('set synchronous_commit = on');
    const canceled: boolean[] = [];
    writer.onNotice((notice) => canceled.push(isSyncWaitCanceled(notice)));
    const pid = await pidOf(writer);
    const writing = writer.query({ text: 'insert into t values ($1) returning k', values: [3] });
    await whenWaiting(other, pid, 'SyncRep');
    await other.rows('select pg_cancel_backend($1)', [pid]);
    const { rowCount } = await writing;
    expect({ canceled, rowCount }).toEqual({ canceled: [true], rowCount: 1 });
  });
});
