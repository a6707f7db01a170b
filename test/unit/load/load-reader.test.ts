import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Read } from '../../../src/contracts/workload.ts';
import { connect } from '../../../src/pg/connect.ts';
import { LoadClock } from '../../../src/load/clock.ts';
import { heartbeatSetup } from '../../../src/load/heartbeat-table.ts';
import { LoadReader } from '../../../src/load/load-reader.ts';
import type { Member } from '../../../src/load/member.ts';
import { ReadLog } from '../../../src/load/read-log.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const resources = new AsyncDisposableStack();
let server: PostgresServer;
beforeAll(async () => {
  server = resources.use(await startPostgres({ parameters: { fsync: 'off' } }));
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 10_000,
  });
  await session.rows('CREATE SCHEMA run');
  await session.query(heartbeatSetup('run'));
});
afterAll(() => resources.disposeAsync());

const log = new ReadLog({ add: () => undefined });
afterAll(() => log.close());

const clock = new LoadClock(process.hrtime.bigint());
const one: Read = {
  name: 'one',
  on: 'any',
  statement: { text: 'SELECT 1 AS one', values: [] },
  keep: ([row]) => (row?.one as number | undefined) ?? null,
};

function readerOf(read: Read, members?: readonly Member[]): LoadReader {
  return new LoadReader({
    number: 3,
    state: { schema: 'run', timeoutMs: 500 },
    applicationName: 'forkpoint reader 3',
    log: log.session('reader 3'),
    reader: { next: () => read },
    members: members ?? [{ name: 'pg1', endpoint: server.tcpEndpoint }],
    credentials: server.credentials,
    signal: new AbortController().signal,
  });
}

/** Without its times. */
async function seen(reader: LoadReader) {
  const { sentUs, answeredUs, ...rest } = await reader.observe(clock);
  expect(answeredUs).toBeGreaterThanOrEqual(sentUs);
  return rest;
}

test('a read is an observation of the value kept, with the node', async () => {
  const reader = readerOf({ ...one, on: 'primary' });
  const expected = { reader: 3, read: 'one', node: 'pg1', value: 1 };
  expect([await seen(reader), await seen(reader)]).toEqual([expected, expected]);
  reader.disconnect();
});

test('a node that does not answer is passed over, and no replica is not a primary instead', async () => {
  const gone = { name: 'pg0', endpoint: { host: '127.0.0.1', port: 1 } };
  const members = [gone, { name: 'pg1', endpoint: server.tcpEndpoint }];
  const reader = readerOf(one, members);
  const nodes = [await seen(reader), await seen(reader)].map(({ node }) => node);
  expect(nodes).toEqual(['pg1', 'pg1']);
  reader.disconnect();
  const ofReplicas = readerOf({ ...one, on: 'replica' }, members);
  expect(await seen(ofReplicas)).toMatchObject({
    node: null,
    problem: expect.stringMatching(/^no replica could be asked: .*pg1 is primary/) as string,
  });
  ofReplicas.disconnect();
});

test('a read that writes, fails, takes too long or keeps too much is a problem and no value', async () => {
  const problemOf = async (read: Partial<Read>) => {
    const reader = readerOf({ ...one, ...read });
    const { value, problem } = await seen(reader);
    reader.disconnect();
    expect(value).toBeUndefined();
    return problem;
  };
  const query = (text: string) => ({ statement: { text, values: [] } });
  expect(await problemOf(query('CREATE TABLE of_a_reader ()'))).toContain('read-only transaction');
  expect(await problemOf(query('SELECT nothing'))).toContain('"nothing" does not exist');
  expect(await problemOf(query('SELECT pg_sleep(20)'))).toContain('no answer in 500 ms');
  expect(await problemOf({ keep: () => 'x'.repeat(2_000) })).toContain('2002 characters');
});
