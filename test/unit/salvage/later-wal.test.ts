import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TakenEvidence } from '../../../src/contracts/evidence.ts';
import { connect } from '../../../src/pg/connect.ts';
import { hostServer } from '../../../src/salvage/host-server.ts';
import { laterWal } from '../../../src/salvage/later-wal.ts';
import { startStandalone } from '../../../src/salvage/standalone.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let run: string;
let server: PostgresServer;

function taking(number: number, copyBytes: number | null): TakenEvidence {
  return {
    node: 'pg1',
    folder: `evidence/pg1-${number}`,
    takenAtMs: number * 1000,
    durationMs: 1,
    timeline: 1,
    forkLsn: null,
    segments: ['000000010000000000000001'],
    copyBytes,
    skipped: [],
  };
}
const copy = taking(1, 1);
const later = taking(2, null);

async function write(sql: string): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  await session.rows(sql);
}

/** Ten rows are in the copy, and ten more in WAL that was taken after it. */
beforeAll(async () => {
  run = await mkdtemp(path.join(tmpdir(), 'forkpoint-later-wal-'));
  owned.defer(() => rm(run, { recursive: true }));
  server = owned.use(await startPostgres());
  await write('CREATE TABLE item AS SELECT generate_series(1, 10) AS id');
  await server.stop('SIGKILL');
  await cp(server.dataDirectory, path.join(run, copy.folder, 'data'), { recursive: true });
  await server.start();
  await write('INSERT INTO item SELECT generate_series(11, 20)');
  await server.stop('SIGKILL');
  const wal = path.join(run, later.folder, 'pg_wal');
  await cp(path.join(server.dataDirectory, 'pg_wal'), wal, { recursive: true });
});

test('a copy is read with what its server wrote after it, from WAL that was taken later', async () => {
  const data = path.join(run, copy.folder, 'data');
  const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  const counted = async (wal: readonly string[]) => {
    await using started = await startStandalone(data, hostServer(version), { laterWal: wal });
    await using session = await started.session('postgres');
    return await session.rows('SELECT count(*)::int AS rows FROM item');
  };
  expect(await counted([])).toEqual([{ rows: 10 }]);
  const { files: wal } = await laterWal(run, copy, [copy, later]);
  expect(wal.map((file) => path.basename(file))).toEqual(copy.segments);
  expect(await counted(wal)).toEqual([{ rows: 20 }]);
});

test.each<readonly [string, Partial<TakenEvidence>]>([
  ['of another node', { node: 'pg2' }],
  ['of another timeline', { timeline: 2 }],
  ['that was taken before it', { takenAtMs: 1 }],
  ['that has no more than it has', { folder: copy.folder }],
])('WAL %s is not put into a copy', async (_what, difference) => {
  const data = path.join(run, copy.folder, 'data');
  await cp(path.join(data, 'pg_wal'), path.join(run, copy.folder, 'pg_wal'), { recursive: true });
  expect(await laterWal(run, copy, [copy, { ...later, ...difference }])).toEqual({
    files: [],
    unread: [],
  });
});

test('WAL that differs from that of the copy before its end, as after a rewind, is not put into it', async () => {
  const rewound = taking(3, null);
  const wal = path.join(run, rewound.folder, 'pg_wal');
  await cp(path.join(run, later.folder, 'pg_wal'), wal, { recursive: true });
  const [name = ''] = rewound.segments;
  const bytes = await readFile(path.join(wal, name));
  // In the first page's records, not in its header.
  bytes[4_000] = (bytes[4_000] ?? 0) ^ 1;
  await writeFile(path.join(wal, name), bytes);
  expect((await laterWal(run, copy, [copy, rewound])).files).toEqual([]);
  expect((await laterWal(run, copy, [copy, later, rewound])).files).toHaveLength(1);
});

test('a copy is read without later WAL that cannot be read, which is said, and with what can', async () => {
  const gone = { ...taking(4, null), folder: 'evidence/pg1-4' };
  const { files, unread } = await laterWal(run, copy, [copy, later, gone]);
  expect(files.map((file) => path.basename(file))).toEqual(copy.segments);
  expect(unread).toEqual([
    expect.stringMatching(
      /^evidence\/pg1-4: its WAL was not replayed on the copy in evidence\/pg1-1: .*no such file/,
    ),
  ]);
});
