import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Registry } from '../../../src/contracts/registry.ts';
import type { Result } from '../../../src/contracts/result.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { verifyServers } from '../../../src/verify/verify.ts';
import { fillLedger } from '../../helpers/ledger-table.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';
import { runId, storeRun } from '../../helpers/stored-run.ts';

let server: PostgresServer;
let registry: Registry;

const owned = ownedBySuite();
beforeAll(async () => {
  registry = await loadRegistry();
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  await fillLedger(server, { runId, writers: 2, rowsPerWriter: 20, payloadBytes: 40 });
});

async function verify(directory: string, judgedBy: Registry): Promise<Result> {
  const { endpoint, credentials } = server;
  const { result } = await verifyServers([{ name: 'pg2', endpoint, credentials }], {
    directory,
    registry: judgedBy,
    signal: new AbortController().signal,
    waitMs: 5_000,
    log: () => undefined,
  });
  return result;
}

it('a verify whose judging fails leaves no earlier verdict, and judging again gives the new one', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-verify-'));
  await using _gone = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  await storeRun(directory);
  const before = await readFile(path.join(directory, 'result.json'), 'utf8');
  expect((JSON.parse(before) as Result).writes.lost).toBe(5);
  const breaking: Registry = Object.create(registry, {
    checks: {
      get: () => {
        throw new Error('judging broke');
      },
    },
  }) as Registry;
  await expect(verify(directory, breaking)).rejects.toThrow('judging broke');
  const named = (await readdir(directory)).filter((name) => /^(re|ju|su)/.test(name)).sort();
  expect(named).toEqual([
    'junit-1.xml',
    'readback-1.json',
    'readback.json',
    'report-1.html',
    'report-1.md',
    'result-1.json',
    'summary-1.txt',
  ]);
  expect(await readFile(path.join(directory, 'result-1.json'), 'utf8')).toBe(before);
  const result = await verify(directory, registry);
  expect(result.writes.lost).toBe(0);
  expect(await readdir(directory)).toContain('readback-2.json');
});
