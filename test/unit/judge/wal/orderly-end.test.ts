import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evidenceFile } from '../../../../src/evidence/forensics/read-evidence.ts';
import { readTakenWal, type TakenWal } from '../../../../src/judge/wal/taken-wal.ts';
import { connect } from '../../../../src/pg/connect.ts';
import type { KnownNode } from '../../../../src/run/evidence/know-nodes.ts';
import { take } from '../../../../src/run/evidence/take.ts';
import { localShell } from '../../../../src/shells/local.ts';
import { waitUntil } from '../../../../src/std/wait.ts';
import { ownedBySuite } from '../../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../../helpers/postgres.ts';

const owned = ownedBySuite();
const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-orderly-'));
afterAll(() => rmSync(directory, { recursive: true }));

let old: PostgresServer;
let successor: PostgresServer;
let takings = 0;

async function sql<T>({ endpoint, credentials }: PostgresServer, text: string): Promise<T[]> {
  await using session = await connect(endpoint, credentials, { connectTimeoutMs: 5_000 });
  return await session.rows<T>(text);
}

/** A switchover: the primary is shut down in order, and the replica that has all of it is promoted. */
beforeAll(async () => {
  old = owned.use(await startPostgres({ parameters: { autovacuum: 'off' } }));
  successor = owned.use(await startPostgres({ replicaOf: old }));
  await sql(old, 'CREATE TABLE item AS SELECT generate_series(1, 50) AS id');
  const streaming = () => sql(old, "SELECT FROM pg_stat_replication WHERE state = 'streaming'");
  const isStreaming = async () => (await streaming()).length === 1;
  await waitUntil('the replica streams', isStreaming, { timeoutMs: 20_000 });
  await old.stop();
  await sql(successor, 'SELECT pg_promote()');
});

function nodeOf(name: string, server: PostgresServer): KnownNode {
  const { dataDirectory: dataFolder, binDirectory: programs } = server;
  return {
    name,
    shell: localShell,
    image: undefined,
    dataFolder,
    programs,
    logs: [],
    settings: [],
  };
}

/** What a run takes of the old primary, as it is now. */
async function taken(): Promise<{
  readonly folder: string;
  readonly read: () => Promise<TakenWal>;
}> {
  const about = { node: 'pg1', timeline: 1 };
  const folder = `evidence/pg1-${++takings}`;
  const found = await take(
    { ...about, successor: 'pg2', newTimeline: 2, isPrimary: false },
    {
      ...{ from: nodeOf('pg1', old), successor: nodeOf('pg2', successor), patroni: undefined },
      ...{ folder: path.join(directory, folder), signal: new AbortController().signal },
    },
  );
  const times = { takenAtMs: 1_000, durationMs: 100 };
  writeFileSync(
    evidenceFile(directory),
    JSON.stringify([{ ...about, folder, ...times, ...found }]),
  );
  const read = async () => (await readTakenWal(directory, undefined))[0]!;
  return { folder: path.join(directory, folder), read };
}

function commitsPastFork({ wal }: TakenWal): number | undefined {
  if (wal?.fork === undefined) return undefined;
  const { fork, transactions } = wal;
  return transactions.filter(({ kind, lsn }) => kind === 'commit' && lsn >= fork).length;
}

test('an old primary that was shut down at the fork has committed nothing past it', async () => {
  const { read } = await taken();
  const found = await read();
  expect(found.problem).toBeUndefined();
  expect(found.wal!.end).toBe(found.wal!.fork);
  expect(found.wal!.transactions.length).toBeGreaterThan(0);
  expect(commitsPastFork(found)).toBe(0);
});

test('an old primary that was started again and wrote more has that, and the WAL of its successor in place of its own proves nothing', async () => {
  await old.start();
  await sql(old, 'INSERT INTO item SELECT generate_series(51, 60)');
  await old.stop('SIGKILL');
  const { folder, read } = await taken();
  expect(commitsPastFork(await read())).toBe(1);

  // As pg_rewind leaves it: the same shutdown is its last record there.
  const into = path.join(folder, 'pg_wal');
  const from = path.join(successor.dataDirectory, 'pg_wal');
  const names = (await readdir(from)).filter((name) =>
    /^00000001[0-9A-F]{16}(\.partial)?$/.test(name),
  );
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) cpSync(path.join(from, name), path.join(into, name.slice(0, 24)));
  const replaced = await read();
  expect(replaced.wal).toBeUndefined();
  expect(replaced.problem).toContain('it ends at the fork point itself, and not in a shutdown');
});
