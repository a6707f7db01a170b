import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import { connect } from '../../../src/pg/connect.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { placedWorkloads } from '../../../src/load/placed-workloads.ts';
import { salvage } from '../../../src/salvage/salvage.ts';
import { salvageSentence } from '../../../src/salvage/describe.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { losing } from '../../helpers/sample-results.ts';

/* A run whose old primary has no copy: five rows of a real server past the fork, and its WAL. */

const owned = ownedBySuite();
const registry = await loadRegistry();
const text = `
name: no-copy
claim: Rows come back from WAL.
cluster: { nodes: 3 }
load: { workload: ledger, clients: 1, rate: 10/s, duration: 10s, payload: 200B }
faults: []
expect: {}
`;
const scenario = parseScenario(text, { file: 'no-copy.yaml', registry });
const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
const lost = (seq: number, to: number, kind: 'insert' | 'delete' = 'insert') => ({
  ...{ writer: 0, from: seq, to, kind, ackedAtMs: [1, 2] as const, node: 'pg1', timeline: 1 },
  ...{ lsn: null, cause: 'forked' as const },
});
let directory: string;
let result: Result;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-salvage-wal-'));
  owned.defer(() => rm(directory, { recursive: true }));
  const { lossSummary: _of, ...sample } = losing;
  result = { ...sample, wal: null, lostRanges: [lost(0, 4), lost(9, 9)] };
  const server = owned.use(await startPostgres());
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
  });
  const [placed] = placedWorkloads(plan, result.runId, registry);
  if (placed?.workload.tracking !== 'rows') throw new Error('no workload of rows');
  for (const { text: sql, values } of placed.workload.setup(placed.context)) {
    await session.rows(sql, values);
  }
  const [fork] = await session.rows<{ lsn: string }>(
    'SELECT pg_current_wal_insert_lsn()::text AS lsn',
  );
  const inserting = { ...placed.context, mix: { insert: 1, update: 0, delete: 0 } };
  const writer = placed.workload.writer(0, inserting);
  for (let row = 0; row < 5; row++) {
    const operation = writer.next();
    await session.rows(operation.statement.text, operation.statement.values);
    writer.settle(operation, 'acknowledged');
  }
  await session.rows('SELECT pg_switch_wal()');
  const folder = 'evidence/pg1-1';
  await mkdir(path.join(directory, folder), { recursive: true });
  const wal = path.join(directory, folder, 'pg_wal');
  await cp(path.join(server.dataDirectory, 'pg_wal'), wal, { recursive: true });
  const taken = {
    ...{ node: 'pg1', folder, takenAtMs: 1, durationMs: 1, disturbedMs: 0, timeline: 1 },
    ...{ forkLsn: fork?.lsn, segments: ['000000010000000000000001'], copyBytes: null, skipped: [] },
  };
  await writeFile(path.join(directory, 'evidence/evidence.json'), JSON.stringify([taken]));
});

test('without a copy, lost rows come back from WAL, are marked so, and what is not there is named', async () => {
  const present = () => Promise.resolve(new Map());
  const summary = await salvage({ directory, plan, result, registry, present });
  expect(summary).toMatchObject({
    ...{ lost: 6, salvaged: 5, fromWal: 5, walRead: ['evidence/pg1-1'], putBack: 5 },
    unsalvageable: [{ why: 'no WAL that was taken has the row whole', writes: 1 }],
    notAsSent: 0,
    conflicts: { absent: 5 },
    problems: ['no copy of a data directory was taken'],
  });
  expect(salvageSentence(summary)).toBe(
    '5 of 6 lost writes were salvaged, 5 of them decoded from WAL, which is partial: evidence/salvaged.csv',
  );
  const read = (name: string) => readFile(path.join(directory, 'evidence', name), 'utf8');
  expect((await read('salvaged.csv')).match(/,wal$/gm)).toHaveLength(5);
  expect((await read('salvage.sql')).match(/; -- decoded from WAL$/gm)).toHaveLength(5);
});

test('a bank transaction is not salvaged from WAL, and the reason says why', async () => {
  const bank = parseScenario(
    text.replace('workload: ledger', 'workload: bank').replace(', payload: 200B', ''),
    {
      file: 'no-copy.yaml',
      registry,
    },
  );
  const present = () => Promise.resolve(undefined);
  const ofBank = planScenario(bank, { seed: 1, backend: 'local', registry });
  const summary = await salvage({ directory, plan: ofBank, result, registry, present });
  expect(summary.unsalvageable).toEqual([
    {
      why: 'rows of bank are not decoded from WAL: Forkpoint does not know the columns of its tables',
      writes: 6,
    },
  ]);
});
