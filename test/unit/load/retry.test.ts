import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RetrySpec } from '../../../src/contracts/scenario.ts';
import type { Writer } from '../../../src/contracts/workload.ts';
import { JournalWriter } from '../../../src/evidence/journal/journal.ts';
import { journalRecords, readJournal } from '../../../src/evidence/journal/reader.ts';
import { Availability } from '../../../src/judge/availability/availability.ts';
import { RetryLog } from '../../../src/judge/availability/retries.ts';
import { buildLedger } from '../../../src/judge/ledger/ledger.ts';
import { LoadClock } from '../../../src/load/clock.ts';
import { Gate } from '../../../src/load/gate.ts';
import { LoadClient } from '../../../src/load/load-client.ts';
import { makePacer } from '../../../src/load/pacing.ts';
import { pauseMs, retryingOf } from '../../../src/load/retrying.ts';
import { Tally } from '../../../src/load/tally.ts';
import { connect } from '../../../src/pg/connect.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let server: PostgresServer;
let folder: string;
let runs = 0;

beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-retry-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
}, 60_000);

/** What happens to the n-th insert that the server gets, as the body of a trigger. */
async function write(trouble: string, retry: Partial<RetrySpec> & { operations: number }) {
  const table = `t${++runs}`;
  const session = owned.use(
    await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
  );
  await session.rows(`create sequence ${table}_tries`);
  await session.rows(`create table ${table} (seq int primary key)`);
  await session.rows(
    `create function ${table}() returns trigger language plpgsql as $$
     declare n bigint := nextval('${table}_tries'); begin ${trouble}; return new; end $$`,
  );
  await session.rows(
    `create trigger trouble after insert on ${table} for each row execute function ${table}()`,
  );
  const over = new AbortController();
  let seq = 0;
  const outcomes: string[] = [];
  const writer: Writer = {
    next: () => ({
      kind: 'insert',
      seq: seq++,
      count: 1,
      version: 0,
      statement: {
        text: `insert into ${table} values ($1) returning pg_current_wal_insert_lsn()::text as lsn, '00000001' as timeline, 1 as touched`,
        values: [seq - 1],
      },
    }),
    settle: (_, outcome) => {
      outcomes.push(outcome);
      if (outcomes.length === retry.operations) gate.end();
    },
  };
  const connector = {
    connect: async () => {
      const open = { connectTimeoutMs: 5_000 };
      return { session: await connect(server.endpoint, server.credentials, open), member: 0 };
    },
    distrust: () => undefined,
    describe: () => '',
  };
  const client = new LoadClient(0, writer, { connector, pool: { on25006: 'reconnect' } });
  const clock = new LoadClock(process.hrtime.bigint());
  const options = { clock, durationUs: 60_000_000, profile: undefined, first: 0, every: 1 };
  const [gate, tally] = [new Gate(makePacer(options)), new Tally()];
  const file = path.join(folder, `${table}.bin`);
  const nodes = ['pg1'];
  const header = { schemaVersion: 2, runId: 'run', worker: 0, originNs: '0', nodes } as const;
  const journal = JournalWriter.open(file, { ...header, firstWriter: 0, writers: 1 });
  const spec: RetrySpec = { attempts: 3, fromMs: 1, toMs: 4, indeterminate: 'stop', ...retry };
  const retrying = retryingOf(spec, { seed: 7, writer: 0, over: over.signal });
  const sweep = setInterval(() => client.expire(clock.nowUs()), 20);
  const tools = { clock, gate, tally, journal, deadlineUs: 300_000, pipeline: 1, retry: retrying };
  const running = client.run(tools);
  return {
    over: () => {
      gate.end();
      over.abort(new Error('the load is over'));
    },
    /** The journal, judged. */
    async judged() {
      await running;
      clearInterval(sweep);
      client.disconnect();
      await journal.close();
      const [availability, log] = [new Availability(), new RetryLog()];
      const ledger = buildLedger([file], { writers: 1 }, availability, log);
      const attempts: string[] = [];
      readJournal(
        file,
        {},
        { attempt: ({ seq: of, sqlState }) => attempts.push(`${of} ${sqlState}`) },
      );
      const operations = [...journalRecords(file)];
      return {
        outcomes,
        attempts,
        operations: operations.map(({ outcome, sqlState }) => `${outcome} ${sqlState}`.trim()),
        latenciesMs: operations.map(({ latencyUs }) => latencyUs / 1000),
        errors: availability.errors(),
        counts: log.counts(),
        failed: ledger.writes('failed'),
        problems: ledger.problems(),
        rows: await session.rows<{ seq: number }>(`select seq from ${table} order by seq`),
      };
    },
  };
}

test('an operation that fails for a moment is sent again, and every attempt is journaled', async () => {
  const run = await write(`if n % 3 <> 0 then raise sqlstate '40001'; end if`, { operations: 2 });
  const { operations, attempts, counts, errors, failed, rows, problems } = await run.judged();
  expect(operations).toEqual(['acknowledged', 'acknowledged']);
  expect(attempts).toEqual(['0 40001', '0 40001', '1 40001', '1 40001']);
  expect(counts).toMatchObject({ attempts: 6, retried: 4, gaveUp: 0 });
  // An error that a retry mended is an error, and no failed write.
  expect(errors).toEqual([{ sqlState: '40001', outcome: 'failed', count: 4 }]);
  expect([failed, rows.length, problems]).toEqual([0, 2, []]);
});

test('an operation gives up after its last attempt, with that outcome', async () => {
  const run = await write(`raise sqlstate '55P03'`, { operations: 1, attempts: 4 });
  const { operations, attempts, counts } = await run.judged();
  expect(operations).toEqual(['failed 55P03']);
  expect(attempts).toHaveLength(3);
  expect(counts).toMatchObject({ attempts: 4, retried: 3, gaveUp: 1 });
});

test('what is not transient is not sent again', async () => {
  const run = await write(`raise sqlstate '22012'`, { operations: 1 });
  const { operations, attempts } = await run.judged();
  expect([operations, attempts]).toEqual([['failed 22012'], []]);
});

test('an attempt whose outcome is unknown is not sent again, unless the scenario says so', async () => {
  const run = await write('perform pg_sleep(1)', { operations: 1 });
  const { operations, attempts } = await run.judged();
  expect([operations, attempts]).toEqual([['indeterminate'], []]);
});

test('an insert that meets the row of its own first attempt is indeterminate, not failed', async () => {
  const run = await write('if n = 1 then perform pg_sleep(1); end if', {
    operations: 1,
    attempts: 20,
    indeterminate: 'retry',
    fromMs: 100,
    toMs: 200,
  });
  const { operations, outcomes, rows, failed } = await run.judged();
  expect(operations).toEqual(['indeterminate 23505']);
  expect([outcomes, rows, failed]).toEqual([['indeterminate'], [{ seq: 0 }], 0]);
}, 30_000);

test('a retry that succeeds after an unknown attempt is acknowledged', async () => {
  const run = await write('if n = 1 then perform pg_terminate_backend(pg_backend_pid()); end if', {
    operations: 1,
    indeterminate: 'retry',
  });
  const { operations, attempts, rows } = await run.judged();
  expect([operations, attempts, rows]).toEqual([['acknowledged'], ['0 57P01'], [{ seq: 0 }]]);
});

test('the end of the load ends a pause: the operation has the outcome of its last attempt', async () => {
  const run = await write(`raise sqlstate '40001'`, {
    operations: 2,
    fromMs: 60_000,
    toMs: 60_000,
  });
  setTimeout(() => run.over(), 300);
  const { operations, attempts, counts, latenciesMs } = await run.judged();
  expect([operations, attempts, counts.gaveUp]).toEqual([['failed 40001'], [], 1]);
  // The pause is no part of it: nothing was sent after it.
  expect(latenciesMs[0]).toBeLessThan(250);
}, 30_000);

test('pauses double from the shortest to the longest, and half of each is random', () => {
  const spec = { attempts: 9, fromMs: 100, toMs: 1_000, indeterminate: 'stop' } as const;
  expect([1, 2, 3, 4, 5, 60].map((attempt) => pauseMs(spec, attempt, 1))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(pauseMs(spec, 2, 0)).toBe(100);
});
