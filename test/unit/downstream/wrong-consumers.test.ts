import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DeliveredChange } from '../../../src/contracts/downstream.ts';
import { judgeConsumer } from '../../../src/judge/downstream/judge-consumer.ts';
import { lsnNumber, parseLsn } from '../../../src/std/units/lsn.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { historiesOf } from '../../helpers/histories.ts';
import { startPipeline, type Pipeline } from '../../helpers/consumer.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import type {} from '../../helpers/postgres.ts';

const program = path.resolve(import.meta.dirname, '../../fixtures/wrong-consumer.ts');
let pipeline: Pipeline;
const owned = ownedBySuite();
beforeAll(async () => {
  pipeline = owned.use(await startPipeline());
});

/** The consumer is killed at its first word of a delivery, and started again after 20 more writes; 20 more follow. */
async function judged(name: string, command?: readonly string[]) {
  const { source, sink } = pipeline;
  await using feed = await pipeline.feed(name);
  const lsns: number[] = [];
  const write = async (count: number) => {
    for (let more = 0; more < count; more++) {
      const [row] = await source.rows<{ lsn: string }>(
        `INSERT INTO ${name} VALUES (1, $1, 0, 0, 'x') RETURNING pg_current_wal_insert_lsn()::text AS lsn`,
        [lsns.length],
      );
      lsns.push(lsnNumber(row?.lsn ?? ''));
    }
  };
  const first = feed.consumer(command);
  await first.line('streaming');
  await write(20);
  await first.line('delivered');
  first.kill('SIGKILL');
  await first.ended;
  await write(20);
  const second = feed.consumer(command);
  await second.line('streaming');
  await write(20);
  await feed.until(59);
  const rows = await sink.rows<{ batch: number; seq: number; lsn: string }>(
    `SELECT batch::int, (row->>'seq')::int AS seq, lsn::text FROM forkpoint_downstream.changes WHERE consumer = $1 ORDER BY id`,
    [name],
  );
  // It says so after it has saved its offset, if it saves one.
  const last = Math.max(...rows.map(({ batch }) => batch));
  const says = () => second.lines.some((line) => line.type === 'delivered' && line.batch === last);
  await waitUntil(`${name} says that batch ${last} is delivered`, says, { timeoutMs: 30_000 });
  const [progress] = await sink.rows<{ lsn: string }>(
    'SELECT lsn::text FROM forkpoint_downstream.progress WHERE consumer = $1',
    [name],
  );
  const changes = rows.map(({ lsn, ...row }): DeliveredChange => ({
    ...row,
    kind: 'insert',
    writer: 1,
    version: 0,
    lsn: parseLsn(lsn),
    isSound: true,
  }));
  const confirmed = parseLsn(progress?.lsn ?? '0/0');
  return judgeConsumer(
    {
      name,
      consumer: 'cdc',
      gaps: [],
      said: confirmed,
      starts: 2,
      stopped: null,
      batchAtUs: () => 0,
      sink: { status: 'read', confirmed, changes, readAtUs: 0 },
    },
    historiesOf(
      { 1: { present: [[0, lsns.length - 1]] } },
      { answeredUs: () => 0, lsn: (_writer, seq) => lsns[seq] },
    ),
    { hasChanges: false },
  );
}

const wrong = (kind: string) => [process.execPath, program, kind];

test('the shipped consumer, killed and started again, has nothing missing and nothing twice', async () => {
  expect(await judged('proper')).toMatchObject({
    missing: 0,
    duplicates: 0,
    skipped: 0,
    delivered: 60,
  });
});

test('an offset that is saved before its batch loses the batch: it is skipped without a word', async () => {
  const { missing, skipped, duplicates, missingAt } = await judged('early', wrong('offset-first'));
  expect(missing).toBeGreaterThan(0);
  expect({ skipped, duplicates, missingAt }).toEqual({
    skipped: missing,
    duplicates: 0,
    missingAt: { slot: 0, consumer: missing, sink: 0 },
  });
});

test('batches without an offset come twice: they are duplicates, and nothing is missing', async () => {
  const { missing, duplicates } = await judged('forgetful', wrong('no-offset'));
  expect(missing).toBe(0);
  expect(duplicates).toBeGreaterThan(0);
});

test('a restart from the present position misses what came meanwhile: it is skipped without a word', async () => {
  const { missing, skipped, missingRanges } = await judged('hasty', wrong('from-now'));
  expect(missing).toBeGreaterThanOrEqual(20);
  expect(skipped).toBe(missing);
  expect(missingRanges).toContainEqual(expect.objectContaining({ at: 'consumer', to: 39 }));
});
