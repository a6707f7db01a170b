import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkSource, Gap } from '../../../src/downstream/check-source.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { lsnDistance } from '../../../src/std/units/lsn.ts';
import { startPipeline } from '../../helpers/consumer.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

// The server looks at its slots when it checkpoints, and removes whole segments.
const keepsLittle = { max_slot_wal_keep_size: '1MB', wal_keep_size: '0' };
const parameters = { wal_level: 'logical', fsync: 'off', ...keepsLittle };
const owned = ownedBySuite();
let server: PostgresServer;
let session: Session;
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters }));
  session = owned.use(await open(server));
  await session.rows('CREATE TABLE written (n int)');
});

const open = ({ endpoint, credentials }: PostgresServer) =>
  connect(endpoint, credentials, { connectTimeoutMs: 5_000 });
const makeSlot = async (name: string) => {
  const [made] = await session.rows<{ lsn: string }>(
    "SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput')",
    [name],
  );
  return made?.lsn ?? '';
};
const lsnOf = async (of: Session) => {
  const [now] = await of.rows<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  return now?.lsn ?? '';
};
const write = (of: Session) => of.rows('INSERT INTO written VALUES (1)');
const ask = (of: Session, slot: string, lsn: string, timeline = 1) =>
  checkSource(of, { slot, node: 'pg1', position: { lsn, timeline, inside: null } });
/** Two segments more than the slot may keep. */
const removeWal = async (of: Session) => {
  for (let segment = 0; segment < 2; segment++) {
    await of.rows('CREATE TABLE IF NOT EXISTS filler (n int)');
    await of.rows('INSERT INTO filler VALUES (1)');
    await of.rows('SELECT pg_switch_wal()');
  }
  await of.rows('CHECKPOINT');
};

test('a slot that begins where the sink ends, or before it, has everything', async () => {
  const begin = await makeSlot('whole');
  expect(await ask(session, 'whole', begin)).toBe(1);
  await write(session);
  expect(await ask(session, 'whole', await lsnOf(session))).toBe(1);
  await session.rows("SELECT pg_drop_replication_slot('whole')");
});

test('of a slot that does not exist, all that the sink lacks is the gap', async () => {
  const fromLsn = await lsnOf(session);
  await write(session);
  await expectGapToEnd('none', fromLsn, 'slot none does not exist on pg1, timeline 1');
});

test('of a slot that begins behind the end of the sink, what lies between is the gap', async () => {
  const fromLsn = await lsnOf(session);
  await write(session);
  const toLsn = await makeSlot('late');
  await write(session);
  await expect(ask(session, 'late', fromLsn)).rejects.toMatchObject({
    name: 'Gap',
    fromLsn,
    toLsn,
    message: `slot late on pg1, timeline 1 begins at ${toLsn}, and the sink has what was committed up to ${fromLsn}`,
  });
  await session.rows("SELECT pg_drop_replication_slot('late')");
});

test('of a slot whose WAL was removed, all that the sink lacks is the gap, though the slot is still listed', async () => {
  const fromLsn = await makeSlot('purged');
  await removeWal(session);
  const why = 'slot purged on pg1, timeline 1 is invalid: the WAL it needs was removed';
  await expectGapToEnd('purged', fromLsn, why);
  await session.rows("SELECT pg_drop_replication_slot('purged')");
});

test('a sink ahead of the fork is a gap from the fork to its end, and one of another history from the first byte', async () => {
  await using replica = await startPostgres({ parameters, replicaOf: server });
  await using promoted = await open(replica);
  const fork = await promote(promoted);
  await write(session);
  const ahead = await lsnOf(session);
  expect(lsnDistance(ahead, fork)).toBeGreaterThan(0);
  await expect(ask(promoted, 'any', ahead)).rejects.toMatchObject({
    name: 'Gap',
    fromLsn: fork,
    toLsn: ahead,
    message: expect.stringContaining(`the sink has timeline 1 up to ${ahead}`) as string,
  });
  await expect(ask(promoted, 'any', ahead, 3)).rejects.toMatchObject({
    name: 'Gap',
    fromLsn: '0/0',
    toLsn: ahead,
    message: `timeline 2 of pg1 does not descend from timeline 3, of which the sink has ${ahead}`,
  });
});

test('a slot that came along to a new timeline has everything, if the sink ends at the fork or before it', async () => {
  await using moved = await startPostgres({ parameters });
  await using first = await open(moved);
  await first.rows('CREATE TABLE written (n int)');
  const [slot] = await first.rows<{ lsn: string }>(
    "SELECT lsn::text FROM pg_create_logical_replication_slot('moved', 'pgoutput')",
  );
  await write(first);
  await moved.stop();
  await writeFile(path.join(moved.dataDirectory, 'standby.signal'), '');
  await moved.start();
  await using second = await open(moved);
  const fork = await promote(second);
  await write(second);
  expect(await ask(second, 'moved', slot?.lsn ?? '')).toBe(2);
  expect(await ask(second, 'moved', fork)).toBe(2);
  const past = await lsnOf(second);
  await expect(ask(second, 'moved', past)).rejects.toMatchObject({ fromLsn: fork, toLsn: past });
  expect(await ask(second, 'moved', past, 2)).toBe(2);
});

test('a consumer that was down while its WAL was removed names the range and stops, and delivers nothing past it', async () => {
  await using pipeline = await startPipeline({ parameters: keepsLittle });
  await using feed = await pipeline.feed('down');
  const { source } = pipeline;
  await feed.deliverTen();
  const end = await lsnOf(source);
  await feed.insert(10, 19);
  await removeWal(source);
  await feed.insert(20, 29);
  const second = feed.consumer();
  const gap = await second.line('gap');
  expect(gap.why).toBe('slot down on pg1, timeline 1 is invalid: the WAL it needs was removed');
  // From the end of the rows that were delivered to the end of those that are not.
  expect(lsnDistance(end, gap.fromLsn)).toBeGreaterThanOrEqual(0);
  expect(lsnDistance(gap.toLsn, end)).toBeGreaterThan(0);
  expect(await second.line('stopped')).toMatchObject({ isAsked: false });
  expect(await feed.delivered()).toHaveLength(10);
});

/** The server writes of itself, too: where its WAL ends is known from before and after. */
async function expectGapToEnd(slot: string, fromLsn: string, message: string): Promise<void> {
  const least = await lsnOf(session);
  const gap = await ask(session, slot, fromLsn).then(
    () => undefined,
    (error: unknown) => error,
  );
  const most = await lsnOf(session);
  expect(gap).toBeInstanceOf(Gap);
  const { toLsn } = gap as Gap;
  expect(gap).toMatchObject({ fromLsn, message });
  expect(lsnDistance(toLsn, least)).toBeGreaterThanOrEqual(0);
  expect(lsnDistance(most, toLsn)).toBeGreaterThanOrEqual(0);
}

/** Promotes a standby on timeline 1; where that ended. */
async function promote(standby: Session): Promise<string> {
  await standby.rows('SELECT pg_promote()');
  const [history] = await standby.rows<{ fork: string }>(
    String.raw`SELECT split_part(pg_read_file('pg_wal/00000002.history'), E'\t', 2) AS fork`,
  );
  return history?.fork ?? '';
}
