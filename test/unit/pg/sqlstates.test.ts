import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/pg/connect.ts';
import { outcomeOfError } from '../../../src/pg/outcome.ts';
import { SqlError } from '../../../src/pg/session.ts';
import { sqlStateOf, sqlStates } from '../../../src/pg/sqlstates.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';
import { provocations, unprovoked } from '../../helpers/provoke-sqlstates.ts';

/** Smart shutdown is the end of the server. */
const codes = Object.keys(provocations).sort(
  (a, b) => Number(a === '57P03') - Number(b === '57P03'),
);

describe('the table of SQLSTATEs', () => {
  test('has each code once, and every row is provoked or says why not', () => {
    const listed = sqlStates.map(({ code }) => code);
    expect(new Set(listed).size).toBe(listed.length);
    const provoked = new Set(codes.map((code) => sqlStateOf(code).code));
    expect(listed.filter((code) => !provoked.has(code)).sort()).toEqual(
      Object.keys(unprovoked).sort(),
    );
  });

  test('gives a class to a code without a row, and knows nothing of others', () => {
    expect(sqlStateOf('23514').code).toBe('23');
    expect(sqlStateOf('40001').isTransient).toBe(true);
    for (const code of ['ZZZZZ', 'F0000', '2', 'constructor']) {
      expect(sqlStateOf(code)).toMatchObject({ outcome: 'indeterminate', isTransient: false });
    }
  });

  test('is the page in docs', async () => {
    await expect(page()).toMatchFileSnapshot('../../../docs/sqlstates.md');
  });
});

describe('a real server', () => {
  let server: PostgresServer;
  const owned = ownedBySuite();
  const open = () => connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 });

  beforeAll(async () => {
    const parameters = { max_locks_per_transaction: '10', max_connections: '60' };
    server = owned.use(await startPostgres({ parameters }));
    await using session = await open();
    await session.rows('create table t (k int primary key)');
    await session.rows('insert into t values (1)');
    await session.rows('create view positive as select * from t where k > 0 with check option');
    await session.rows('create table counters (k int primary key, n int)');
    await session.rows('insert into counters values (1, 0), (2, 0)');
  }, 60_000);

  test.each(codes)(
    "answers with '%s', and the outcome is the table's",
    async (code) => {
      await using sessions = new AsyncDisposableStack();
      const openOne = async () => sessions.use(await open());
      const error = await provocations[code]?.({ server, open: openOne });
      const { sqlState, severity } =
        error instanceof SqlError ? error : { sqlState: String(error), severity: '' };
      expect(sqlState).toBe(code);
      const outcome = severity === 'ERROR' ? sqlStateOf(code).outcome : 'indeterminate';
      expect(outcomeOfError(error)).toEqual({ outcome, sqlState: code });
    },
    60_000,
  );
});

function page(): string {
  const lines = sqlStates
    .toSorted((a, b) => a.code.localeCompare(b.code))
    .map(({ code, name, outcome, isTransient, why }) => {
      const how = unprovoked[code] ?? 'yes';
      const shown = code === '' ? 'none' : `\`${code}\``;
      return `| ${shown} | ${name} | ${outcome} | ${isTransient ? 'yes' : 'no'} | ${why} | ${how} |`;
    });
  return [
    '# SQLSTATEs: what a client knows, and whether to try again',
    '',
    'How Forkpoint reads an error of the server (`src/pg/sqlstates.ts`, from which this page is made). A code goes before its class, the',
    'first two characters. *failed*: an ERROR proves that the transaction left nothing behind. *indeterminate*: it may have committed.',
    'The same code as FATAL or PANIC, or with a severity in another language than English, is always indeterminate. A code that is not',
    'listed is indeterminate and not transient. *Transient*: the same transaction may succeed a moment later, on a connection that works.',
    '*Provoked*: a test gets it from a real server.',
    '',
    '| SQLSTATE | name | outcome | transient | why | provoked |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
